#include "dispatch/reconciler.hpp"

#include <fmt/core.h>

#include "base/log.hpp"
#include "core/transitions.hpp"
#include "dispatch/unheld.hpp"

namespace aircheck::dispatch {
Reconciler::Reconciler(Ports ports, ReconcilerOptions options)
    : ports_(std::move(ports)), options_(options), worker_([this] { return run_step(); }, options_.poll) {}

bool Reconciler::run_step() {
  if (const auto done = step(); !done) log::error("reconciler: {}", done.error().message);
  return false;
}

Result<Reconciler::Step> Reconciler::step() {
  Step step;
  TRY(free_jobs_of_the_dead(step));
  // While messages wait, a PENDING job may just wait for its turn; only with an empty queue its message must be lost.
  const bool queue_is_empty = TRY(ports_.queue.depth()).waiting == 0;
  const auto due = TRY(ports_.jobs.due(ports_.clock.now(), options_.pending_age, options_.batch));
  for (const auto& job : due)
    if (const auto mended = mend(job, queue_is_empty, step); !mended)
      log::warn("job {} could not be mended yet: {}", job.id, mended.error().message);
  if (ports_.on_queued && step.requeued + step.woken + step.resent > 0) ports_.on_queued();
  return step;
}

// A child process that is gone needs no lease to run out.
Result<void> Reconciler::free_jobs_of_the_dead(Step& step) {
  const auto held = TRY(ports_.jobs.held(ports_.clock.now()));
  for (const auto& job : held) {
    const auto freed = free_if_dead(job);
    if (!freed) log::warn("job {}: its lease could not be taken back: {}", job.id, freed.error().message);
    else if (*freed) ++step.found_dead;
  }
  return {};
}

Result<bool> Reconciler::free_if_dead(const Job& job) {
  if (!ports_.launcher.is_dead(job).value_or(false)) return false;
  return free(job.id, job.lease_owner);
}

// Read in the update: a recorder that ended well has noted that before it went.
Result<bool> Reconciler::free(std::string_view job_id, std::string_view owner) {
  const auto freed = update(ports_.jobs, job_id,
                            [&](Job stored) { return give_up_lease(std::move(stored), owner, ports_.clock.now()); });
  if (freed) log::warn("job {}: its recorder is gone", job_id);
  if (freed || somebody_was_faster(freed.error())) return freed.has_value();
  return std::unexpected(freed.error());
}

Result<void> Reconciler::recorder_ended(std::string_view job_id, std::string_view owner) {
  static_cast<void>(TRY(free(job_id, owner)));
  return {};
}

Result<void> Reconciler::mend(const Job& job, bool queue_is_empty, Step& step) {
  if (job.status == JobStatus::waiting) return wake_up(job, step);
  if (is_active(job.status)) return mend_unheld(job, step);
  if (!queue_is_empty) return {};
  TRY(send(job));
  ++step.resent;
  return {};
}

Result<void> Reconciler::mend_unheld(const Job& job, Step& step) {
  if (TRY(end_if_wished(ports_.jobs, ports_.recordings, job, ports_.clock.now()))) {
    ++step.ended;
    return {};
  }
  TRY(send(job));
  ++step.requeued;
  return {};
}

Result<void> Reconciler::wake_up(const Job& job, Step& step) {
  const auto now = ports_.clock.now();
  const auto woken = update(ports_.jobs, job.id, [now](Job stored) { return wake(std::move(stored), now); });
  if (!woken && somebody_was_faster(woken.error())) return {};
  TRY(woken);
  TRY(send(*woken));
  ++step.woken;
  return {};
}

// The version makes the token: the same look at the same job is sent once, and again after five minutes, when the queue
// has forgotten the token and the job has still not moved.
Result<void> Reconciler::send(const Job& job) {
  return ports_.queue.send(job.id, fmt::format("{}:{}", job.id, job.version));
}

}  // namespace aircheck::dispatch
