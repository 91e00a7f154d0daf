#include "core/transitions.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace aircheck {
namespace {

using S = JobStatus;

constexpr std::array kToPending{S::pending, S::started, S::waiting, S::failed, S::cancelled};
constexpr std::array kToStarted{S::pending, S::started};
constexpr std::array kToWaiting{S::started, S::waiting};
constexpr std::array kToRecording{S::started, S::recording};
constexpr std::array kToUploading{S::recording, S::uploading};
constexpr std::array kToCompleted{S::uploading, S::completed};
constexpr std::array kToFailed{S::pending, S::started, S::waiting, S::recording, S::uploading, S::failed};
constexpr std::array kToCancelled{S::pending, S::started, S::waiting, S::recording, S::uploading, S::cancelled};

std::unexpected<Error> refuse(const Job& job, std::string_view event) {
  return fail(ErrorKind::conflict, fmt::format("a job that is {} cannot {}", to_string(job.status), event));
}

bool lease_is_live(const Job& job, Instant now) {
  return !job.lease_owner.empty() && job.lease_expires_at && *job.lease_expires_at > now;
}

void drop_lease(Job& job) {
  job.lease_owner.clear();
  job.lease_expires_at.reset();
}

// What only the recorder that holds the lease may do. An expired lease is still its own until another takes it.
Result<void> check_owner(const Job& job, std::string_view owner) {
  if (!is_active(job.status)) return refuse(job, "be reported on");
  if (job.lease_owner != owner) return fail(ErrorKind::conflict, "another recorder holds the lease");
  return {};
}

Job end(Job job, JobStatus status, Instant now) {
  job.status = status;
  job.completed_at = now;
  job.expires_at = std::chrono::duration_cast<seconds>((now + kJobTtl).time_since_epoch()).count();
  job.not_before.reset();
  job.lag_ms = 0;
  drop_lease(job);
  return job;
}

}  // namespace

std::span<const JobStatus> predecessors(JobStatus to) {
  switch (to) {
    case S::pending: return kToPending;
    case S::started: return kToStarted;
    case S::waiting: return kToWaiting;
    case S::recording: return kToRecording;
    case S::uploading: return kToUploading;
    case S::completed: return kToCompleted;
    case S::failed: return kToFailed;
    case S::cancelled: break;
  }
  return kToCancelled;
}

bool is_legal(JobStatus from, JobStatus to) {
  const auto all = predecessors(to);
  return std::find(all.begin(), all.end(), from) != all.end();
}

Result<Job> claim(Job job, const Claim& claim) {
  const bool fresh = job.status == S::pending;
  const bool lost = is_active(job.status) && !lease_is_live(job, claim.now);
  if (!fresh && !lost) return refuse(job, "be claimed");
  if (fresh) {
    job.status = S::started;
    job.started_at = claim.now;
  }
  ++job.attempt;
  job.lease_owner = claim.owner;
  job.lease_expires_at = claim.now + claim.lease;
  return job;
}

Result<Job> release(Job job, std::string_view owner, Instant now) {
  TRY(check_owner(job, owner));
  (void)now;
  if (job.status == S::started) {
    job.status = S::pending;
    job.started_at.reset();
  }
  drop_lease(job);
  return job;
}

Result<Job> heartbeat(Job job, const Heartbeat& beat) {
  TRY(check_owner(job, beat.owner));
  job.heartbeat_at = beat.now;
  job.lease_expires_at = beat.now + beat.lease;
  job.bytes = beat.bytes;
  job.media_ms = beat.media_ms;
  job.lag_ms = beat.lag_ms;
  job.gaps = beat.gaps;
  if (!beat.recordings.empty()) job.recordings = beat.recordings;
  job.error = beat.trouble;
  return job;
}

Result<Job> begin_recording(Job job, std::string_view owner, Instant now) {
  TRY(check_owner(job, owner));
  if (job.status != S::started) return job;
  job.status = S::recording;
  job.recording_at = now;
  return job;
}

Result<Job> begin_uploading(Job job, std::string_view owner, Instant now) {
  TRY(check_owner(job, owner));
  if (job.status == S::started) return refuse(job, "begin to upload");
  if (job.status == S::uploading) return job;
  job.status = S::uploading;
  job.uploading_at = now;
  return job;
}

Result<Job> complete(Job job, std::string_view owner, Instant now, Verdict verdict) {
  TRY(check_owner(job, owner));
  if (job.status != S::uploading) return refuse(job, "be completed");
  job.verdict = std::move(verdict);
  job.error.reset();
  job.stop_requested = StopRequest::none;
  return end(std::move(job), S::completed, now);
}

Result<Job> fail_job(Job job, std::string_view owner, Instant now, Error error) {
  TRY(check_owner(job, owner));
  job.error = std::move(error);
  return end(std::move(job), S::failed, now);
}

Result<Job> wait_until(Job job, std::string_view owner, Instant now, Instant not_before) {
  TRY(check_owner(job, owner));
  (void)now;
  if (job.status != S::started) return refuse(job, "wait");
  job.status = S::waiting;
  job.not_before = not_before;
  drop_lease(job);
  return job;
}

Result<Job> wake(Job job, Instant now) {
  if (job.status != S::waiting) return refuse(job, "be woken");
  if (job.not_before && *job.not_before > now) return fail(ErrorKind::conflict, "it is not due yet");
  job.status = S::pending;
  job.not_before.reset();
  return job;
}

Result<Job> give_up_lease(Job job, std::string_view owner, Instant now) {
  TRY(check_owner(job, owner));
  (void)now;
  drop_lease(job);
  return job;
}

Result<Job> request_stop(Job job, Instant now) {
  if (is_terminal(job.status)) return refuse(job, "be stopped");
  if (!is_active(job.status)) return end(std::move(job), S::cancelled, now);
  if (job.stop_requested == StopRequest::none) job.stop_requested = StopRequest::stop;
  return job;
}

Result<Job> request_cancel(Job job, Instant now) {
  if (is_terminal(job.status)) return refuse(job, "be cancelled");
  if (!is_active(job.status)) return end(std::move(job), S::cancelled, now);
  job.stop_requested = StopRequest::cancel;
  return job;
}

Result<Job> cancelled(Job job, std::string_view owner, Instant now) {
  TRY(check_owner(job, owner));
  job.error.reset();
  return end(std::move(job), S::cancelled, now);
}

Result<Job> retry(Job job, Instant now) {
  (void)now;
  if (job.status != S::failed && job.status != S::cancelled) return refuse(job, "be retried");
  job.status = S::pending;
  job.error.reset();
  job.verdict.reset();
  job.stop_requested = StopRequest::none;
  job.started_at.reset();
  job.recording_at.reset();
  job.uploading_at.reset();
  job.completed_at.reset();
  job.expires_at.reset();
  drop_lease(job);
  return job;
}

}  // namespace aircheck
