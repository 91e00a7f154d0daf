#pragma once
// Signals as events of a loop: blocked for the whole process, read from a descriptor. One object per process, made before
// any thread is started.

#include <functional>
#include <initializer_list>

#include "net/loop.hpp"

namespace aircheck::apps {

class Signals {
 public:
  /// Calls `arrived` with the signal's number from the loop.
  Signals(net::Loop& loop, std::initializer_list<int> signals, std::function<void(int)> arrived);
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// Whether the user wants the end at once: SIGINT or SIGTERM has come twice, or one is not read, for the loop's thread is
  /// held up elsewhere. Now and then one that was only just sent is taken for such. From any thread.
  static bool insist();

 private:
  net::Loop& loop_;
  int descriptor_ = -1;
};

}  // namespace aircheck::apps
