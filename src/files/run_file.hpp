#pragma once
// What a server notes of a process it started, so that a later server finds it again and takes no other process for it: a pid
// comes back, a pid together with its start time and the boot does not. Pure but for reading /proc and the file.

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "base/result.hpp"

namespace aircheck::files {

struct RunFile {
  pid_t pid = 0;
  std::uint64_t start_time = 0;  // field 22 of /proc/PID/stat, clock ticks since boot
  std::string boot_id;
  std::string token;
};

/// Of a process that exists, a zombie too; its token is empty.
std::optional<RunFile> describe_process(pid_t pid);
/// Whether exactly that process is there and no zombie.
bool is_running(const RunFile& process);
/// Sends `signal` to exactly that process, if it is still there.
void send_signal(const RunFile& process, int signal);

/// Replaces the file in one step.
Result<void> write_run_file(const std::filesystem::path& path, const RunFile& process);
/// Nothing when there is none, or one that says nothing.
std::optional<RunFile> read_run_file(const std::filesystem::path& path);

/// The running kernel's; empty where it does not say.
std::string running_boot_id();

}  // namespace aircheck::files
