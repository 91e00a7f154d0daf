#pragma once
// The state machine of a job, as pure functions. A store refuses what `is_legal` refuses; everything else that must hold when
// a job changes hands (leases) is in the events below. Each event takes the stored job and returns the job to write, or
// `conflict` when it does not fit the job's present state.
//
//   PENDING → STARTED → RECORDING → UPLOADING → COMPLETED
//             STARTED → WAITING → PENDING            (a stream that is only scheduled)
//   anything before COMPLETED → FAILED | CANCELLED;   FAILED | CANCELLED → PENDING   (retry)
//
// A lost recorder does not change the state: a job in STARTED, RECORDING or UPLOADING whose lease has expired may be claimed
// again and keeps its state.

#include <span>
#include <string_view>

#include "core/job.hpp"

namespace aircheck {

/// Whether a stored job in state `from` may be replaced by one in state `to`. Staying in a state is always legal, even in
/// COMPLETED, whose list of files a later repair may correct.
bool is_legal(JobStatus from, JobStatus to);
/// All states from which `to` is legal: what a store puts into its WHERE clause or ConditionExpression.
std::span<const JobStatus> predecessors(JobStatus to);

struct Claim {
  std::string_view owner;  // token of the recorder that is about to be started
  Instant now;
  milliseconds lease;
};

/// PENDING → STARTED, or the take-over of an active job whose lease has expired; attempt + 1. `conflict` otherwise.
Result<Job> claim(Job job, const Claim& claim);
/// A claim whose launch failed: the lease ends now and a STARTED job goes back to PENDING, or to CANCELLED when the user
/// asked for its end meanwhile. STARTED → PENDING is legal for exactly this.
Result<Job> release(Job job, std::string_view owner, Instant now);

/// What a recorder reports at each heartbeat.
struct Heartbeat {
  std::string_view owner;
  Instant now;
  milliseconds lease;
  std::uint64_t bytes = 0;
  std::int64_t media_ms = 0;
  std::int64_t lag_ms = 0;
  std::vector<Gap> gaps;
  std::vector<RecordingFile> recordings;
  std::optional<Error> trouble;  // what presently hinders it; nothing clears it
};
/// `conflict` when another owner holds the lease or the job is terminal: the recorder must stop at once.
Result<Job> heartbeat(Job job, const Heartbeat& beat);

Result<Job> begin_recording(Job job, std::string_view owner,
                            Instant now);  // STARTED → RECORDING; no-op when already there
Result<Job> begin_uploading(Job job, std::string_view owner,
                            Instant now);  // RECORDING → UPLOADING; no-op when already there
Result<Job> complete(Job job, std::string_view owner, Instant now, Verdict verdict);
/// An empty owner fails a job that nobody holds: the dispatcher's word.
Result<Job> fail_job(Job job, std::string_view owner, Instant now, Error error);
Result<Job> wait_until(Job job, std::string_view owner, Instant now,
                       Instant not_before);  // STARTED → WAITING, lease given up
Result<Job> wake(Job job, Instant now);      // WAITING → PENDING when due
/// The recorder gives up the lease without an end (SIGTERM): the next one may claim at once.
Result<Job> give_up_lease(Job job, std::string_view owner, Instant now);

/// The user's wishes. On a job that no recorder holds they take effect at once (CANCELLED), else they are noted in
/// stop_requested for the recorder to see. `stop` of an active job whose recordings hold something is honoured by a recorder.
Result<Job> request_stop(Job job, Instant now);
Result<Job> request_cancel(Job job, Instant now);
/// Whether a recorder may work on this job at `now`: it is active and its lease has not ended.
bool is_held(const Job& job, Instant now);
/// The wish of a user about a job whose recorder was lost or never came: CANCELLED when it asks for that, or asks to keep
/// and there is nothing to keep. `conflict` when nothing is wished, a recorder holds it, or one must finish its files.
Result<Job> heed_wish(Job job, Instant now);
/// The recorder's answer to a cancel request, or to a stop request before anything was recorded: CANCELLED.
Result<Job> cancelled(Job job, std::string_view owner, Instant now);
/// What a repair has made of a COMPLETED job's holes.
struct Repair {
  std::vector<Gap> before;  // the holes that it set out to fill
  std::vector<Gap> after;   // those that are left
  std::vector<RecordingFile> recordings;
};
/// Notes it; complete when no hole is left. `conflict` when the job is not COMPLETED, or its holes are others by now.
Result<Job> repaired(Job job, Repair repair);
/// FAILED or CANCELLED → PENDING, error and stop request cleared, milestones cleared but created_at.
Result<Job> retry(Job job, Instant now);

/// The default life of a job's row after its end, 90 days; recordings are never touched by it.
inline constexpr seconds kJobTtl{90 * 24 * 3600};

}  // namespace aircheck
