#include "files/run_file.hpp"

#include <fmt/core.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>
#include <system_error>

#include "files/descriptor.hpp"

namespace aircheck::files {
namespace {

namespace fs = std::filesystem;

struct Stat {
  char state = 'X';
  std::uint64_t start_time = 0;
};

// proc(5): the name stands in parentheses and may hold any character, so the fields are counted from the last one.
std::optional<Stat> read_stat(pid_t pid) {
  std::ifstream in(fmt::format("/proc/{}/stat", pid));
  std::string text;
  if (!std::getline(in, text)) return {};
  const auto end = text.rfind(')');
  if (end == std::string::npos) return {};
  std::istringstream fields(text.substr(end + 1));
  Stat stat;
  fields >> stat.state;
  std::string skipped;
  for (int field = 4; field < 22; ++field) fields >> skipped;
  if (!(fields >> stat.start_time)) return {};
  return stat;
}

}  // namespace

std::string running_boot_id() {
  std::ifstream in("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(in, id);
  return id;
}

std::optional<RunFile> describe_process(pid_t pid) {
  const auto stat = read_stat(pid);
  if (!stat) return {};
  return RunFile{.pid = pid, .start_time = stat->start_time, .boot_id = running_boot_id(), .token = {}};
}

bool is_running(const RunFile& process) {
  const auto stat = read_stat(process.pid);
  return stat && stat->start_time == process.start_time && stat->state != 'Z' && stat->state != 'X' &&
         process.boot_id == running_boot_id();
}

void send_signal(const RunFile& process, int signal) {
  // By number, for glibc 2.36 declares both calls without C linkage. The descriptor holds on to one process; only then is it looked at which one that is.
  const Descriptor handle(static_cast<int>(::syscall(SYS_pidfd_open, process.pid, 0)));
  if (handle && is_running(process)) ::syscall(SYS_pidfd_send_signal, handle.number(), signal, nullptr, 0);
}

Result<void> write_run_file(const fs::path& path, const RunFile& process) {
  const auto fresh = path.string() + ".new";
  std::ofstream out(fresh, std::ios::trunc);
  out << fmt::format("{} {} {} {}\n", process.pid, process.start_time, process.boot_id, process.token);
  out.close();
  if (!out) return std::unexpected(system_error("cannot write", fresh));
  std::error_code error;
  fs::rename(fresh, path, error);
  if (error) return fail(ErrorKind::io, fmt::format("cannot write {}: {}", path.string(), error.message()));
  return {};
}

std::optional<RunFile> read_run_file(const fs::path& path) {
  std::ifstream in(path);
  RunFile process;
  if (!(in >> process.pid >> process.start_time >> process.boot_id >> process.token)) return {};
  return process;
}

}  // namespace aircheck::files
