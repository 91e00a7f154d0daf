#include "aircheck/signals.hpp"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <atomic>

namespace aircheck::apps {
namespace {

std::atomic<int> ends{0};

}  // namespace

Signals::Signals(net::Loop& loop, std::initializer_list<int> signals, std::function<void(int)> arrived) : loop_(loop) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  descriptor_ = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  loop_.watch(descriptor_, [this, arrived = std::move(arrived)] {
    signalfd_siginfo info{};
    while (::read(descriptor_, &info, sizeof info) == sizeof info) {
      const auto signal = static_cast<int>(info.ssi_signo);
      if (signal == SIGINT || signal == SIGTERM) ++ends;
      arrived(signal);
    }
  });
}

Signals::~Signals() {
  loop_.unwatch(descriptor_);
  ::close(descriptor_);
}

bool Signals::insist() {
  if (ends >= 2) return true;
  sigset_t unread;
  return sigpending(&unread) == 0 && (sigismember(&unread, SIGINT) == 1 || sigismember(&unread, SIGTERM) == 1);
}

}  // namespace aircheck::apps
