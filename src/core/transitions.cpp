#include "core/transitions.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <vector>

namespace aircheck {
namespace {

using enum JobStatus;

constexpr std::array kAll{pending, started, waiting, recording, uploading, completed, failed, cancelled};

constexpr bool ends(JobStatus status) { return status == completed || status == failed || status == cancelled; }

constexpr bool legal(JobStatus from, JobStatus to) {
  if (from == to) return true;
  if (to == failed || to == cancelled) return !ends(from);
  switch (from) {
    case pending: return to == started;
    case started: return to == recording || to == waiting || to == pending;
    case waiting: return to == pending;
    case recording: return to == uploading;
    case uploading: return to == completed;
    case failed:
    case cancelled: return to == pending;
    case completed: return false;
  }
  return false;
}

std::unexpected<Error> refuse(const Job& job, std::string_view what) {
  return fail(ErrorKind::conflict, fmt::format("a job that is {} cannot {}", to_string(job.status), what));
}

bool holds(const Job& job, std::string_view owner) {
  return is_active(job.status) && !owner.empty() && job.lease_owner == owner;
}

Result<void> need_lease(const Job& job, std::string_view owner) {
  if (!is_active(job.status)) return refuse(job, "be worked on by a recorder");
  if (!holds(job, owner)) return fail(ErrorKind::conflict, "another recorder holds this job");
  return {};
}

void drop_lease(Job& job) {
  job.lease_owner.clear();
  job.lease_expires_at.reset();
}

Job ended(Job job, JobStatus status, Instant now) {
  drop_lease(job);
  job.status = status;
  job.not_before.reset();
  job.lag_ms = 0;
  job.completed_at = now;
  job.expires_at = std::chrono::floor<seconds>(now + kJobTtl).time_since_epoch().count();
  return job;
}

bool has_something(const Job& job) {
  return job.bytes > 0 || std::ranges::any_of(job.recordings, [](const RecordingFile& file) { return file.bytes > 0; });
}

// Whether the user's wish means that the job ends without another recorder.
bool wish_ends(const Job& job) {
  return job.stop_requested == StopRequest::cancel || (job.stop_requested == StopRequest::stop && !has_something(job));
}

Result<Job> wish(Job job, StopRequest request, Instant now) {
  if (is_terminal(job.status)) return refuse(job, "be ended");
  // A later stop does not take back a cancel: its recorder may have begun to discard.
  job.stop_requested = std::max(job.stop_requested, request);
  if (!is_held(job, now) && wish_ends(job)) return ended(std::move(job), JobStatus::cancelled, now);
  return job;
}

}  // namespace

bool is_legal(JobStatus from, JobStatus to) { return legal(from, to); }

std::span<const JobStatus> predecessors(JobStatus to) {
  static const auto table = [] {
    std::array<std::vector<JobStatus>, kAll.size()> lists;
    for (const auto target : kAll)
      for (const auto from : kAll)
        if (legal(from, target)) lists.at(static_cast<std::size_t>(target)).push_back(from);
    return lists;
  }();
  return table.at(static_cast<std::size_t>(to));
}

bool is_held(const Job& job, Instant now) {
  return is_active(job.status) && job.lease_expires_at && *job.lease_expires_at > now;
}

Result<Job> claim(Job job, const Claim& claim) {
  if (is_held(job, claim.now)) return fail(ErrorKind::conflict, "another recorder holds this job");
  if (job.status != pending && !is_active(job.status)) return refuse(job, "be claimed");
  if (job.status == pending) {
    job.status = started;
    job.started_at = claim.now;
  }
  ++job.attempt;
  ++job.fruitless_attempts;
  job.lease_owner = claim.owner;
  job.lease_expires_at = claim.now + claim.lease;
  job.not_before.reset();
  return job;
}

Result<Job> release(Job job, std::string_view owner, Instant now) {
  TRY(need_lease(job, owner));
  if (job.status != started) return give_up_lease(std::move(job), owner, now);
  if (wish_ends(job)) return ended(std::move(job), JobStatus::cancelled, now);
  drop_lease(job);
  job.status = pending;
  job.started_at.reset();
  return job;
}

Result<Job> heartbeat(Job job, const Heartbeat& beat) {
  TRY(need_lease(job, beat.owner));
  if (beat.bytes > job.bytes) job.fruitless_attempts = 0;
  job.heartbeat_at = beat.now;
  job.lease_expires_at = beat.now + beat.lease;
  job.bytes = beat.bytes;
  job.media_ms = beat.media_ms;
  job.lag_ms = beat.lag_ms;
  job.gaps = beat.gaps;
  job.recordings = beat.recordings;
  job.error = beat.trouble;
  return job;
}

Result<Job> begin_recording(Job job, std::string_view owner, Instant now) {
  TRY(need_lease(job, owner));
  // A successor begins where its predecessor was, which may have been the end already.
  if (job.status != started) return job;
  job.status = recording;
  if (!job.recording_at) job.recording_at = now;
  return job;
}

Result<Job> begin_uploading(Job job, std::string_view owner, Instant now) {
  TRY(need_lease(job, owner));
  if (job.status == uploading) return job;
  if (job.status != recording) return refuse(job, "finish its files");
  job.status = uploading;
  job.uploading_at = now;
  return job;
}

Result<Job> complete(Job job, std::string_view owner, Instant now, Verdict verdict) {
  TRY(need_lease(job, owner));
  if (job.status != uploading) return refuse(job, "be completed");
  job.verdict = std::move(verdict);
  job.error.reset();
  return ended(std::move(job), completed, now);
}

Result<Job> fail_job(Job job, std::string_view owner, Instant now, Error error) {
  if (!owner.empty()) TRY(need_lease(job, owner));
  else if (is_terminal(job.status)) return refuse(job, "fail");
  else if (is_held(job, now)) return fail(ErrorKind::conflict, "a recorder holds this job");
  job.error = std::move(error);
  return ended(std::move(job), failed, now);
}

Result<Job> wait_until(Job job, std::string_view owner, Instant now, Instant not_before) {
  TRY(need_lease(job, owner));
  if (job.status != started) return refuse(job, "wait for its stream");
  if (wish_ends(job)) return ended(std::move(job), JobStatus::cancelled, now);
  drop_lease(job);
  job.status = waiting;
  job.not_before = not_before;
  job.fruitless_attempts = 0;
  return job;
}

Result<Job> wake(Job job, Instant now) {
  if (job.status != waiting) return refuse(job, "be woken");
  if (job.not_before && *job.not_before > now) return fail(ErrorKind::conflict, "the job's time has not come");
  job.status = pending;
  job.started_at.reset();
  job.not_before.reset();
  return job;
}

Result<Job> give_up_lease(Job job, std::string_view owner, Instant now) {
  TRY(need_lease(job, owner));
  job.lease_owner.clear();
  job.lease_expires_at = now;
  return job;
}

Result<Job> request_stop(Job job, Instant now) { return wish(std::move(job), StopRequest::stop, now); }

Result<Job> request_cancel(Job job, Instant now) { return wish(std::move(job), StopRequest::cancel, now); }

Result<Job> heed_wish(Job job, Instant now) {
  if (is_terminal(job.status)) return refuse(job, "be ended");
  if (is_held(job, now)) return fail(ErrorKind::conflict, "a recorder holds this job");
  if (!wish_ends(job))
    return fail(ErrorKind::conflict, "nobody asked for this job's end, or a recorder must finish it");
  return ended(std::move(job), JobStatus::cancelled, now);
}

Result<Job> cancelled(Job job, std::string_view owner, Instant now) {
  TRY(need_lease(job, owner));
  return ended(std::move(job), JobStatus::cancelled, now);
}

Result<Job> repaired(Job job, Repair repair) {
  if (job.status != JobStatus::completed || job.gaps != repair.before)
    return fail(ErrorKind::conflict, "the job was changed while its recording was repaired; repair it again");
  job.gaps = std::move(repair.after);
  job.recordings = std::move(repair.recordings);
  job.bytes = 0;
  job.media_ms = 0;
  for (const auto& file : job.recordings) {
    job.bytes += file.bytes;
    job.media_ms += file.duration_ms;
  }
  if (job.verdict) job.verdict->complete = job.gaps.empty();
  return job;
}

Result<Job> retry(Job job, Instant) {
  if (job.status != failed && job.status != JobStatus::cancelled) return refuse(job, "be tried again");
  drop_lease(job);
  job.status = pending;
  job.error.reset();
  job.verdict.reset();
  job.expires_at.reset();
  job.not_before.reset();
  job.stop_requested = StopRequest::none;
  job.fruitless_attempts = 0;
  // What was discarded does not count; what was kept is gone on with.
  if (job.recordings.empty()) {
    job.bytes = 0;
    job.media_ms = 0;
    job.gaps.clear();
  }
  job.started_at = job.recording_at = job.uploading_at = job.completed_at = job.heartbeat_at = {};
  return job;
}

}  // namespace aircheck
