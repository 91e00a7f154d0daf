#pragma once
// Starts recorders as processes of this machine (Launcher). Each is a session of its own and outlives the server; a file in
// <data>/run lets the next server find it again. Its output goes to <data>/logs/<job>.log. Thread-safe.

#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/ports.hpp"
#include "files/run_file.hpp"

namespace aircheck::files {

struct ChildLauncherOptions {
  std::filesystem::path program = "/proc/self/exe";
  std::vector<std::string> arguments;    // "recorder --data …"; "--job-id ID --lease-owner TOKEN" is added
  std::vector<std::string> environment;  // NAME=value, on top of ours
  std::filesystem::path data;
  std::uintmax_t most_log = 4 << 20;  // bytes; a longer log is put aside as .1 when a recorder starts
};

class ChildLauncher final : public Launcher {
 public:
  explicit ChildLauncher(ChildLauncherOptions options);

  /// Returns when the program runs, or an error when it cannot. A recorder of the same job under an older token is asked to
  /// leave.
  Result<void> start(const Job& job) override;
  std::optional<bool> is_dead(const Job& job) override;
  void nudge(const Job& job) override;

  /// How many recorders run, those of an earlier process on the same folder too.
  std::size_t running();
  /// Asks all of them to leave their jobs to others.
  void dismiss();

 private:
  std::filesystem::path run_path(const Job& job) const;
  std::optional<RunFile> find(const Job& job);
  std::vector<RunFile> all_running();
  Result<void> launch(const Job& job);
  void reap();
  void tidy() const;

  const ChildLauncherOptions options_;
  std::mutex mutex_;  // guards what follows, and against starting twice
  std::vector<pid_t> children_;
};

}  // namespace aircheck::files
