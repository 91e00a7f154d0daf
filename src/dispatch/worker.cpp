#include "dispatch/worker.hpp"

namespace aircheck::dispatch {

void Worker::run(std::stop_token stop) {
  while (!stop.stop_requested())
    if (!step_()) sleep(stop);
}

void Worker::nudge() {
  {
    const std::lock_guard lock(mutex_);
    nudged_ = true;
  }
  condition_.notify_one();
}

void Worker::sleep(std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  condition_.wait_for(lock, stop, interval_, [this] { return nudged_; });
  nudged_ = false;
}

}  // namespace aircheck::dispatch
