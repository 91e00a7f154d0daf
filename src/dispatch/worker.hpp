#pragma once
// A loop that does one step, then sleeps until it is nudged or its interval has passed. The server runs one for the
// dispatcher and one for the reconciler. nudge() may be called from any thread; run() from one.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>

#include "base/time.hpp"

namespace aircheck::dispatch {

class Worker {
 public:
  /// `step` returns whether to go on at once, for there is more to do.
  Worker(std::function<bool()> step, milliseconds interval) : step_(std::move(step)), interval_(interval) {}

  /// Until `stop` is requested; a step that has begun is finished.
  void run(std::stop_token stop);
  /// Makes the next step happen now; one that runs at present is followed by another.
  void nudge();

 private:
  void sleep(std::stop_token& stop);

  std::function<bool()> step_;
  milliseconds interval_;
  std::mutex mutex_;
  std::condition_variable_any condition_;
  bool nudged_ = false;
};

}  // namespace aircheck::dispatch
