#pragma once
// Takes submitted jobs from the queue, claims each with one conditional write and starts its recorder. It never waits for a
// recording. Whatever fails is put back into the queue; a second delivery of a message finds the job claimed and is dropped.
// All ports are borrowed. step() is called by one thread at a time, run() and nudge() as in Worker.

#include <cstddef>
#include <functional>
#include <optional>

#include "core/ports.hpp"
#include "core/retry.hpp"
#include "dispatch/worker.hpp"

namespace aircheck::dispatch {

enum class Existence { exists, does_not_exist, cannot_tell };

/// Asks the origin whether a job's video exists, within a few seconds, before a recorder is spent on it.
struct StreamCheck {
  virtual ~StreamCheck() = default;
  virtual Existence check(const Job& job) = 0;
};

struct DispatcherOptions {
  milliseconds lease{60'000};                 // of a claim; the recorder renews it with its first heartbeat
  milliseconds visibility{120'000};           // how long one delivery may take: longer than check and start together
  std::size_t batch = 10;                     // messages received at once
  std::optional<std::size_t> max_concurrent;  // recordings at the same time; none: as many as come
  std::function<std::size_t()> running{};     // counts them; empty: all that the store knows of
  int max_fruitless_attempts = 10;            // recorders in a row that brought no byte; then the job is FAILED
  Backoff put_back{.first = seconds{5}, .most = seconds{300}};  // a message whose job could not be started
  milliseconds poll{1'000};                                     // how often run() looks without being nudged
};

class Dispatcher {
 public:
  struct Ports {
    JobStore& jobs;
    JobQueue& queue;
    Launcher& launcher;
    const Clock& clock;
    StreamCheck* check = nullptr;          // none: every job is believed
    RecordingStore* recordings = nullptr;  // where cancelled jobs are discarded; none: recorders do that
  };
  struct Step {
    std::size_t received = 0, started = 0, dropped = 0, ended = 0, put_back = 0;
  };

  Dispatcher(Ports ports, DispatcherOptions options);

  /// Handles one batch of messages. An error only when the queue or the store cannot be reached at all.
  Result<Step> step();
  /// step() again and again until stopped; errors are logged.
  void run(std::stop_token stop) { worker_.run(std::move(stop)); }
  void nudge() { worker_.nudge(); }

 private:
  enum class Done { started, dropped, ended, put_back };

  bool run_step();
  Result<std::size_t> room();
  Done handle(const Delivery& delivery);
  Done handle_job(const Delivery& delivery, const Job& job);
  Done start(const Delivery& delivery, const Job& job);
  Done undo(const Delivery& delivery, const Job& claimed, const Error& error);
  Done end(const Delivery& delivery, const Job& job, Error error);
  Done drop(const Delivery& delivery);
  Done put_back(const Delivery& delivery, const Error& error);

  Ports ports_;
  DispatcherOptions options_;
  Worker worker_;
};

}  // namespace aircheck::dispatch
