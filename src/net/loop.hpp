#pragma once
// One thread, one loop: HTTP transfers over a curl multi handle, timers and file descriptors. A recorder is driven by one of
// these; there is no thread per fetch. Not thread-safe but for wake(). Callbacks run inside run_once() and may call anything
// of the loop, their own cancellation included. Everything still pending is dropped uncalled when the loop is destroyed.

#include <chrono>
#include <functional>
#include <memory>

#include "net/buffer_pool.hpp"
#include "net/http.hpp"

namespace aircheck::net {

using SteadyTime = std::chrono::steady_clock::time_point;

enum class FetchId : std::uint64_t { none = 0 };
enum class TimerId : std::uint64_t { none = 0 };

class Loop {
 public:
  using Done = std::function<void(Result<HttpResponse>)>;

  explicit Loop(HttpOptions options);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Starts a transfer. `done` is called exactly once unless cancelled; never from inside fetch().
  FetchId fetch(HttpRequest request, Done done);
  void cancel(FetchId id);
  /// How many transfers are under way.
  std::size_t in_flight() const;
  /// Transfers that begin from now on go through it; empty: what the environment says.
  void set_proxy(std::string proxy);
  /// How many transfers in a row have come to nothing before any server answered: the network, or the proxy, does not work.
  int unanswered() const;
  /// Where bodies have their memory from. Give it back what is done with.
  BufferPool& buffers();

  TimerId after(milliseconds delay, std::function<void()> fire);
  void cancel(TimerId id);

  /// Calls `ready` whenever the descriptor is readable (or hung up) until unwatched. One watcher per descriptor.
  void watch(int descriptor, std::function<void()> ready);
  void unwatch(int descriptor);

  static SteadyTime now() { return std::chrono::steady_clock::now(); }

  /// Waits for events, at most `longest`, and handles them.
  void run_once(milliseconds longest);
  /// Runs until stop() is called from a callback.
  void run();
  void stop();
  /// Makes a waiting run_once() return. From any thread, or a signal handler's thread.
  void wake();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace aircheck::net
