#pragma once
// Mends what processes that died left behind: jobs whose recorder was lost are queued again, WAITING ones are woken when
// their time has come, lost messages are sent again, and jobs whose end was asked for but that have no recorder are ended.
// All ports are borrowed. step() is called by one thread at a time, run() and nudge() as in Worker.

#include <cstddef>
#include <functional>
#include <string_view>

#include "core/ports.hpp"
#include "dispatch/worker.hpp"

namespace aircheck::dispatch {

struct ReconcilerOptions {
  milliseconds pending_age{60'000};  // a PENDING job that waits longer, while the queue is empty, has lost its message
  std::size_t batch = 100;           // jobs looked at in one step
  milliseconds poll{2'000};          // how often run() looks without being nudged
};

class Reconciler {
 public:
  struct Ports {
    JobStore& jobs;
    JobQueue& queue;
    Launcher& launcher;
    const Clock& clock;
    RecordingStore* recordings = nullptr;  // where cancelled jobs are discarded; none: they are left
    std::function<void()> on_queued;       // something was sent: nudge the dispatcher
  };
  struct Step {
    std::size_t requeued = 0, woken = 0, resent = 0, ended = 0, found_dead = 0;
  };

  Reconciler(Ports ports, ReconcilerOptions options);

  /// For whoever has been told that the recorder which held the job by this claim is gone: its lease ends now, so that the
  /// next step() has it followed by another. Nothing happens where it no longer holds it.
  Result<void> recorder_ended(std::string_view job_id, std::string_view owner);
  /// One look at everything. A job that cannot be mended is logged and does not keep others from it; an error only when
  /// the store cannot be reached at all.
  Result<Step> step();
  void run(std::stop_token stop) { worker_.run(std::move(stop)); }
  void nudge() { worker_.nudge(); }

 private:
  bool run_step();
  Result<void> free_jobs_of_the_dead(Step& step);
  Result<bool> free_if_dead(const Job& job);
  Result<bool> free(std::string_view job_id, std::string_view owner);
  Result<void> mend(const Job& job, bool queue_is_empty, Step& step);
  Result<void> mend_unheld(const Job& job, Step& step);
  Result<void> wake_up(const Job& job, Step& step);
  Result<void> send(const Job& job);

  Ports ports_;
  ReconcilerOptions options_;
  Worker worker_;
};

}  // namespace aircheck::dispatch
