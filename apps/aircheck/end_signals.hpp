#pragma once
// The signals that end a server, blocked in every thread and waited for by the first. One object, made before any thread.

#include <csignal>

namespace aircheck::apps {

class EndSignals {
 public:
  EndSignals();
  void wait() const;

 private:
  sigset_t set_{};
};

}  // namespace aircheck::apps
