#pragma once
// Calls that may take long (a database on a network) carried out beside the loop, one at a time, so that segments go on
// being fetched meanwhile. Used by the loop's thread only; destroying it waits for the call under way.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "net/loop.hpp"

namespace aircheck::recorder {

class Errand {
 public:
  explicit Errand(net::Loop& loop);
  ~Errand();
  Errand(const Errand&) = delete;
  Errand& operator=(const Errand&) = delete;

  bool busy() const { return static_cast<bool>(done_); }
  /// `task` runs on the other thread; then, from the loop, `done`. Not while busy.
  void run(std::function<void()> task, std::function<void()> done);
  /// Waits for the task under way; its `done` is dropped.
  void settle();

 private:
  void work(const std::stop_token& stop);
  void on_event();

  net::Loop& loop_;
  int event_ = -1;
  std::function<void()> done_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::function<void()> task_;  // with the mutex: waits, or is under way
  std::jthread thread_;         // begun with the first task
};

}  // namespace aircheck::recorder
