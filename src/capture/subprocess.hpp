#pragma once
// A program run beside the loop: its standard output and error are collected within a limit, or its output is handed on as it
// comes; its time is limited, and it is killed with all its children when the object goes. One run per object; not thread-safe; must not outlive the loop.

#include <functional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "net/loop.hpp"

namespace aircheck::capture {

struct SubprocessOptions {
  std::vector<std::string> arguments;    // the program first; looked up in PATH when it has no slash
  std::vector<std::string> environment;  // "NAME=value", added to ours
  std::string directory;                 // to run in; empty: ours
  milliseconds time_limit{90'000};       // 0: none
  std::size_t most_output = 32u << 20;   // bytes, each of output and error
  // Gets the output as it comes; the end of what it says on error is kept then. Must not destroy the object.
  std::function<void(ByteView)> on_output{};
};

struct SubprocessResult {
  int exit_status = 0;  // 128 + signal when killed by one
  std::string output;
  std::string error;
};

class Subprocess {
 public:
  using Done = std::function<void(Result<SubprocessResult>)>;

  /// Starts it. `done` is called once from the loop: `not_found` when the program is missing, `timeout`, `corrupt` when it
  /// printed more than the limit, else its result whatever its status.
  Subprocess(net::Loop& loop, SubprocessOptions options, Done done);
  ~Subprocess();
  /// Leaves its output in the pipe, so that it has to wait, or goes on with it.
  void hold_output(bool hold);
  Subprocess(const Subprocess&) = delete;
  Subprocess& operator=(const Subprocess&) = delete;

  /// Asks it to end by SIGINT; `done` is called when it has.
  void ask_to_end();
  /// Asks it to end by SIGINT and waits until it has, at most so long. `done` is not called any more; what is left of it then
  /// goes with the object.
  void interrupt(milliseconds patience);

 private:
  void start();
  void watch_output();
  void read_from(int& descriptor, std::string& into);
  bool take(std::string_view bytes, std::string& into);
  void finish_when_silent();
  void end(Result<SubprocessResult> result);
  void kill_group();

  net::Loop& loop_;
  SubprocessOptions options_;
  Done done_;
  SubprocessResult result_;
  int pid_ = -1;
  int output_ = -1;
  int error_ = -1;
  bool held_ = false;
  net::TimerId deadline_{};
  net::TimerId again_{};
};

}  // namespace aircheck::capture
