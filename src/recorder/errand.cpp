#include "recorder/errand.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <stdexcept>
#include <utility>

namespace aircheck::recorder {

Errand::Errand(net::Loop& loop) : loop_(loop), event_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (event_ < 0) throw std::runtime_error("no descriptor is left");
  loop_.watch(event_, [this] { on_event(); });
}

Errand::~Errand() {
  loop_.unwatch(event_);
  if (thread_.joinable()) {
    thread_.request_stop();
    thread_.join();
  }
  ::close(event_);
}

void Errand::run(std::function<void()> task, std::function<void()> done) {
  done_ = std::move(done);
  {
    const std::lock_guard lock(mutex_);
    task_ = std::move(task);
  }
  changed_.notify_all();
  if (!thread_.joinable()) thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

void Errand::settle() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !task_; });
  done_ = nullptr;
}

void Errand::work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return static_cast<bool>(task_); })) {
    lock.unlock();
    task_();
    lock.lock();
    task_ = nullptr;
    const std::uint64_t one = 1;
    (void)!::write(event_, &one, sizeof one);
    changed_.notify_all();
  }
}

void Errand::on_event() {
  std::uint64_t count = 0;
  (void)!::read(event_, &count, sizeof count);
  {
    const std::lock_guard lock(mutex_);
    if (task_) return;  // the event was of one that was settled
  }
  if (const auto done = std::exchange(done_, nullptr)) done();
}

}  // namespace aircheck::recorder
