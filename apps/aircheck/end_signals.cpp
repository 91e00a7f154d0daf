#include "aircheck/end_signals.hpp"

#include <signal.h>

#include <initializer_list>

namespace aircheck::apps {
namespace {

// As nohup and shells leave it for what runs in the background: blocked, it would arrive all the same.
bool is_ignored(int signal) {
  struct sigaction present{};
  return ::sigaction(signal, nullptr, &present) == 0 && present.sa_handler == SIG_IGN;
}

}  // namespace

EndSignals::EndSignals() {
  ::sigemptyset(&set_);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP})
    if (!is_ignored(signal)) ::sigaddset(&set_, signal);
  ::pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

void EndSignals::wait() const {
  int signal = 0;
  ::sigwait(&set_, &signal);
}

}  // namespace aircheck::apps
