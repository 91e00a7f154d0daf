// aircheck records live streams: parse, construct, wire, run. The commands are in *_command.cpp.

#include <fmt/core.h>
#include <malloc.h>

#include <CLI/CLI.hpp>
#include <exception>

#include "aircheck/command_line.hpp"
#include "aircheck/commands.hpp"

// libcurl brings GnuTLS along (for RTMP), which we never use; this keeps it from setting itself up: a megabyte and a
// millisecond less for every recorder. Where there is no GnuTLS nobody looks for it.
// NOLINTNEXTLINE(readability-identifier-naming): its name
extern "C" __attribute__((visibility("default"), used)) int _gnutls_global_init_skip() { return 1; }

int main(int argc, char** argv) {
  using namespace aircheck::apps;
  // What is as large as a segment goes back to the system when it is freed, instead of leaving holes in the heap.
  mallopt(M_MMAP_THRESHOLD, 256 * 1024);
  // The threads beside the loop allocate little: a heap of their own would only be more memory.
  mallopt(M_ARENA_MAX, 1);
  try {
    int exit_code = 0;
    CLI::App app{"Records live streams and loses nothing", "aircheck"};
    begin_command_line(app);

    add_record(app, exit_code);
    add_serve(app, exit_code);
    add_recorder(app, exit_code);
    add_agent(app, exit_code);
    add_repair(app, exit_code);
    add_submit(app, exit_code);
    add_list(app, exit_code);
    add_show(app, exit_code);
    add_watch(app, exit_code);
    add_stop(app, exit_code);
    add_cancel(app, exit_code);
    add_retry(app, exit_code);
    add_delete(app, exit_code);
    add_doctor(app, exit_code);
    add_completion(app, exit_code);
    add_man(app, exit_code);

    return run_command_line(app, argc, argv, exit_code);
  } catch (const std::exception& error) {
    fmt::print(stderr, "aircheck: {}\n", error.what());
    return 1;
  }
}
