#include "capture/subprocess.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

extern char** environ;

namespace aircheck::capture {
namespace {

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> out;
  out.reserve(strings.size() + 1);
  for (auto& text : strings) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

// Our environment with `extra` in front: getenv in the child finds the first.
std::vector<std::string> environment_with(const std::vector<std::string>& extra) {
  auto all = extra;
  for (char** entry = environ; *entry; ++entry) {
    const std::string_view name = std::string_view(*entry).substr(0, std::string_view(*entry).find('=') + 1);
    bool replaced = false;
    for (const auto& text : extra) replaced |= text.starts_with(name);
    if (!replaced) all.emplace_back(*entry);
  }
  return all;
}

struct Pipe {
  int read = -1, write = -1;
  bool open() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) return false;
    read = ends[0];
    write = ends[1];
    fcntl(read, F_SETFL, O_NONBLOCK);
    return true;
  }
};

int spawn(const SubprocessOptions& options, int output, int error, pid_t& pid) {
  auto arguments = options.arguments;
  auto environment = environment_with(options.environment);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, 1);
  posix_spawn_file_actions_adddup2(&actions, error, 2);
  if (!options.directory.empty()) posix_spawn_file_actions_addchdir_np(&actions, options.directory.c_str());
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // A process group of its own, so that its children (a JavaScript runtime) can be ended with it. Signals that we block or
  // ignore it does not: a script's "aircheck ... &" ignores SIGINT, and yt-dlp would not hear that it is to end.
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  const int status = posix_spawnp(&pid, options.arguments[0].c_str(), &actions, &attributes, pointers(arguments).data(),
                                  pointers(environment).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return status;
}

void close_descriptor(int& descriptor) {
  if (descriptor >= 0) ::close(descriptor);
  descriptor = -1;
}

}  // namespace

Subprocess::Subprocess(net::Loop& loop, SubprocessOptions options, Done done)
    : loop_(loop), options_(std::move(options)), done_(std::move(done)) {
  start();
}

Subprocess::~Subprocess() {
  kill_group();
  loop_.cancel(deadline_);
  loop_.cancel(again_);
  for (int* descriptor : {&output_, &error_}) {
    if (*descriptor >= 0) loop_.unwatch(*descriptor);
    close_descriptor(*descriptor);
  }
}

void Subprocess::start() {
  Pipe output, error;
  int status = output.open() && error.open() ? 0 : errno;
  pid_t pid = -1;
  if (status == 0) status = spawn(options_, output.write, error.write, pid);
  close_descriptor(output.write);
  close_descriptor(error.write);
  output_ = output.read;
  error_ = error.read;
  if (status != 0) {
    const auto kind = status == ENOENT || status == EACCES ? ErrorKind::not_found : ErrorKind::io;
    auto failure = Error{kind, fmt::format("cannot start {}: {}", options_.arguments[0], std::strerror(status))};
    deadline_ = loop_.after(milliseconds{0}, [this, failure] { end(std::unexpected(failure)); });
    return;
  }
  pid_ = pid;
  watch_output();
  loop_.watch(error_, [this] { read_from(error_, result_.error); });
  if (options_.time_limit.count() == 0) return;
  deadline_ = loop_.after(options_.time_limit, [this] {
    end(fail(ErrorKind::timeout,
             fmt::format("{} did not answer within {} s", options_.arguments[0], options_.time_limit.count() / 1000)));
  });
}

void Subprocess::read_from(int& descriptor, std::string& into) {
  std::array<char, 65536> buffer;
  const auto count = ::read(descriptor, buffer.data(), buffer.size());
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count > 0) {
    if (!take({buffer.data(), static_cast<std::size_t>(count)}, into))
      end(fail(ErrorKind::corrupt,
               fmt::format("{} printed more than {} bytes", options_.arguments[0], options_.most_output)));
    return;
  }
  loop_.unwatch(descriptor);
  close_descriptor(descriptor);
  finish_when_silent();
}

// False where it is too much.
bool Subprocess::take(std::string_view bytes, std::string& into) {
  constexpr std::size_t kLastWords = 16u << 10;
  const bool streams = options_.on_output != nullptr;
  if (streams && &into == &result_.output) {
    options_.on_output(as_bytes(bytes));
    return true;
  }
  into.append(bytes);
  if (streams && into.size() > 2 * kLastWords) into.erase(0, into.size() - kLastWords);
  return into.size() <= options_.most_output;
}

void Subprocess::watch_output() {
  loop_.watch(output_, [this] { read_from(output_, result_.output); });
}

void Subprocess::hold_output(bool hold) {
  if (output_ < 0 || hold == held_) return;
  held_ = hold;
  if (hold) loop_.unwatch(output_);
  else watch_output();
}

// Both pipes at their end means that it and its children have exited or are about to.
void Subprocess::finish_when_silent() {
  if (output_ >= 0 || error_ >= 0) return;
  int status = 0;
  const auto waited = waitpid(pid_, &status, WNOHANG);
  if (waited == 0) {  // it closed its output but lives: look again, the deadline bounds it
    again_ = loop_.after(milliseconds{20}, [this] { finish_when_silent(); });
    return;
  }
  pid_ = -1;
  result_.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  // posix_spawn may tell only so that there is no such program; it does where processes are emulated.
  constexpr int kNotExecuted = 127;
  if (result_.exit_status == kNotExecuted && result_.error.empty() && result_.output.empty() && !options_.on_output)
    return end(fail(ErrorKind::not_found, fmt::format("cannot start {}", options_.arguments[0])));
  end(std::move(result_));
}

void Subprocess::end(Result<SubprocessResult> result) {
  kill_group();
  loop_.cancel(deadline_);
  loop_.cancel(again_);
  if (const auto done = std::exchange(done_, nullptr)) done(std::move(result));  // may destroy *this
}

void Subprocess::ask_to_end() {
  if (pid_ > 0) ::kill(-pid_, SIGINT);
}

void Subprocess::interrupt(milliseconds patience) {
  done_ = nullptr;
  if (pid_ <= 0) return;
  // Called by its number: glibc 2.36 declares its function in a way that C++ cannot link.
  const int process = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  ::kill(-pid_, SIGINT);
  pollfd ended{.fd = process, .events = POLLIN, .revents = 0};
  if (process >= 0) ::poll(&ended, 1, static_cast<int>(patience.count()));
  if (process >= 0) ::close(process);
}

void Subprocess::kill_group() {
  if (pid_ <= 0) return;
  ::kill(-pid_, SIGKILL);
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

}  // namespace aircheck::capture
