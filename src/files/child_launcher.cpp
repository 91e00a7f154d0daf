#include "files/child_launcher.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <string_view>
#include <system_error>

#include "base/log.hpp"
#include "files/descriptor.hpp"

extern char** environ;

namespace aircheck::files {
namespace {

namespace fs = std::filesystem;

constexpr auto kKeepRunFiles = std::chrono::hours{24};
constexpr auto kKeepLogs = std::chrono::hours{24 * 30};

// Ids and tokens become file names and words of a file.
bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= 128 && text.front() != '.' && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
           c == '.';
  });
}

std::vector<std::string> environment_with(const std::vector<std::string>& extra) {
  auto all = extra;
  for (char** entry = environ; *entry; ++entry) {
    const std::string_view text(*entry);
    const auto name = text.substr(0, text.find('=') + 1);
    if (std::ranges::none_of(extra, [&](const auto& other) { return other.starts_with(name); })) all.emplace_back(text);
  }
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> out;
  out.reserve(strings.size() + 1);
  for (auto& text : strings) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

// All that the child needs, made before the fork: after it, only async-signal-safe calls are allowed.
struct Plan {
  const char* program;
  char* const* arguments;
  char* const* environment;
  int input, output, parent;
};

// Waits for the parent's word, for the parent first notes that we exist. Without a parent there is nothing to do.
[[noreturn]] void become_recorder(const Plan& plan) {
  ::setsid();
  char word = 0;
  // NOLINTNEXTLINE(clang-analyzer-unix.BlockInCriticalSection): the lock is the parent's
  if (::read(plan.parent, &word, 1) != 1) ::_exit(0);
  ::dup2(plan.input, 0);
  ::dup2(plan.output, 1);
  ::dup2(plan.output, 2);
  const int parent = ::dup2(plan.parent, 3);
  ::fcntl(parent, F_SETFD, FD_CLOEXEC);
  ::close_range(4, ~0U, 0);
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  // A nudge may come before the recorder listens; it must not end it.
  ::signal(SIGUSR1, SIG_IGN);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(plan.program, plan.arguments, plan.environment);
  const int reason = errno;
  (void)!::write(parent, &reason, sizeof reason);
  ::_exit(127);
}

Result<std::array<Descriptor, 2>> socket_pair() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return std::unexpected(system_error("cannot make", "a socket pair"));
  // Above the three that the child puts its own in place of, and above the one it talks to us by.
  std::array<Descriptor, 2> out;
  for (std::size_t i = 0; i < 2; ++i) {
    out[i] = Descriptor(::fcntl(ends[i], F_DUPFD_CLOEXEC, 10));
    ::close(ends[i]);
  }
  return out;
}

Result<Descriptor> open_above_standard(const fs::path& path, int flags) {
  const Descriptor low(::open(path.c_str(), flags | O_CLOEXEC, 0644));
  if (!low) return std::unexpected(system_error("cannot open", path.string()));
  return Descriptor(::fcntl(low.number(), F_DUPFD_CLOEXEC, 10));
}

Result<Descriptor> open_log(const fs::path& path, std::uintmax_t most) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  if (!error && size > most) fs::rename(path, path.string() + ".1", error);
  return open_above_standard(path, O_WRONLY | O_CREAT | O_APPEND);
}

// The child's answer: nothing when it has become the program, else why it could not.
Result<void> hear_from(const Descriptor& child, const fs::path& program) {
  int reason = 0;
  ssize_t count = 0;
  // NOLINTNEXTLINE(clang-analyzer-unix.BlockInCriticalSection): until a child runs, no other is to be begun
  do count = ::read(child.number(), &reason, sizeof reason);
  while (count < 0 && errno == EINTR);
  if (count == 0) return {};
  errno = reason;
  return std::unexpected(system_error("cannot start", program.string()));
}

template <class Unneeded>
void remove_old(const fs::path& folder, std::chrono::hours age, Unneeded&& unneeded) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const auto written = entry.last_write_time(ignored);
    if (!ignored && written < fs::file_time_type::clock::now() - age && unneeded(entry.path()))
      fs::remove(entry.path(), ignored);
  }
}

}  // namespace

ChildLauncher::ChildLauncher(ChildLauncherOptions options) : options_(std::move(options)) { tidy(); }

void ChildLauncher::tidy() const {
  const auto ended = [](const fs::path& path) {
    const auto process = read_run_file(path);
    return !process || !is_running(*process);
  };
  remove_old(options_.data / "run", kKeepRunFiles, ended);
  remove_old(options_.data / "logs", kKeepLogs, [](const fs::path&) { return true; });
}

fs::path ChildLauncher::run_path(const Job& job) const { return options_.data / "run" / (job.id + ".pid"); }

// Children that have ended wait for somebody to ask; nobody else does.
void ChildLauncher::reap() {
  std::erase_if(children_, [](pid_t child) { return ::waitpid(child, nullptr, WNOHANG) != 0; });
}

Result<void> ChildLauncher::start(const Job& job) {
  if (!is_word(job.id) || !is_word(job.lease_owner))
    return fail(ErrorKind::invalid_input, "a job without id or token cannot be started");
  const std::lock_guard guard(mutex_);
  reap();
  if (const auto other = read_run_file(run_path(job)); other && is_running(*other)) {
    if (other->token == job.lease_owner) return {};
    log::warn("the recorder {} of job {} has lost its lease and is asked to leave", other->pid, job.id);
    send_signal(*other, SIGTERM);
  }
  return launch(job);
}

Result<void> ChildLauncher::launch(const Job& job) {
  std::error_code error;
  for (const auto* folder : {"run", "logs"}) fs::create_directories(options_.data / folder, error);
  const auto input = TRY(open_above_standard("/dev/null", O_RDONLY));
  const auto output = TRY(open_log(options_.data / "logs" / (job.id + ".log"), options_.most_log));
  auto [ours, theirs] = TRY(socket_pair());
  auto arguments = options_.arguments;
  arguments.insert(arguments.begin(), "aircheck");
  for (const auto& word : {std::string("--job-id"), job.id, std::string("--lease-owner"), job.lease_owner})
    arguments.push_back(word);
  auto environment = environment_with(options_.environment);
  const auto argument_pointers = pointers(arguments), environment_pointers = pointers(environment);
  const Plan plan{options_.program.c_str(), argument_pointers.data(), environment_pointers.data(),
                  input.number(),           output.number(),          theirs.number()};
  const auto child = ::fork();
  if (child < 0) return std::unexpected(system_error("cannot start", options_.program.string()));
  if (child == 0) {
    ::close(ours.number());  // else the child would not notice that we are gone
    become_recorder(plan);
  }
  children_.push_back(child);
  theirs = Descriptor();
  auto process = describe_process(child);
  if (!process) return fail(ErrorKind::io, "/proc does not show a process that was just started");
  process->token = job.lease_owner;
  TRY(write_run_file(run_path(job), *process));
  if (::send(ours.number(), "g", 1, MSG_NOSIGNAL) != 1)
    return std::unexpected(system_error("cannot start", options_.program.string()));
  return hear_from(ours, options_.program);
}

std::optional<RunFile> ChildLauncher::find(const Job& job) {
  if (!is_word(job.id)) return {};
  const std::lock_guard guard(mutex_);
  reap();
  auto process = read_run_file(run_path(job));
  if (process && process->token != job.lease_owner) process.reset();
  return process;
}

std::optional<bool> ChildLauncher::is_dead(const Job& job) {
  const auto process = find(job);
  if (!process) return {};
  return !is_running(*process);
}

void ChildLauncher::nudge(const Job& job) {
  if (const auto process = find(job)) send_signal(*process, SIGUSR1);
}

std::vector<RunFile> ChildLauncher::all_running() {
  const std::lock_guard guard(mutex_);
  reap();
  std::vector<RunFile> out;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(options_.data / "run", ignored))
    if (const auto process = read_run_file(entry.path()); process && is_running(*process)) out.push_back(*process);
  return out;
}

std::size_t ChildLauncher::running() { return all_running().size(); }

void ChildLauncher::dismiss() {
  for (const auto& process : all_running()) send_signal(process, SIGTERM);
}

}  // namespace aircheck::files
