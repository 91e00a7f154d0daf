#pragma once
// A job: one request to record one live stream, and all that is known of it. A plain value; the names are the same in
// SQLite, DynamoDB and JSON. Times are UTC instants, sizes bytes, durations milliseconds.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace aircheck {

enum class JobStatus { pending, started, waiting, recording, uploading, completed, failed, cancelled };

/// "PENDING", "STARTED" … as stored and shown.
std::string_view to_string(JobStatus status);
std::optional<JobStatus> job_status_from(std::string_view name);

/// What the user asked a running job to do: `stop` keeps what is recorded, `cancel` discards it.
enum class StopRequest { none, stop, cancel };
std::string_view to_string(StopRequest request);
std::optional<StopRequest> stop_request_from(std::string_view name);

/// Which of the origin's segments are missing: what a repair asks for once more.
struct MissingSegments {
  std::string track;                   // "video", "audio", or "muxed" where a segment has both
  std::string format_id;               // what yt-dlp calls the format; empty for a playlist's own URL
  std::optional<std::uint64_t> epoch;  // of YouTube: the n of id=VIDEO.n, within which numbers count
  std::uint64_t first = 0, last = 0;   // `sq` or media sequence numbers, both missing
  bool operator==(const MissingSegments&) const = default;
};

/// A time range of the recording's timeline that could not be had, and why.
struct Gap {
  std::int64_t start_ms = 0;
  std::int64_t end_ms = 0;
  std::string reason;                         // "404", "disk full", "corrupt segment", …
  std::optional<MissingSegments> segments{};  // where their numbers are known
  bool operator==(const Gap&) const = default;
};

/// One finished or growing file of a job: there is a second when the codec parameters changed under way.
struct RecordingFile {
  std::string key;  // name in the recording store, "recordings/2026/11/<video id>-<job id>.mkv"
  std::uint64_t bytes = 0;
  std::int64_t duration_ms = 0;
  bool operator==(const RecordingFile&) const = default;
};

/// The honest word on a completed job.
struct Verdict {
  bool complete = false;  // nothing is known to be missing; else `gaps` of the job says what
  std::string ended_by;   // "broadcaster" or "user"
  bool operator==(const Verdict&) const = default;
};

/// What a job has cost so far by estimate (core/cost.hpp), in millionths of a US dollar.
struct Cost {
  std::int64_t task_ms = 0;   // how long recorders ran
  std::int64_t requests = 0;  // to S3
  std::int64_t task_microusd = 0;
  std::int64_t requests_microusd = 0;       // to S3 and DynamoDB
  std::int64_t storage_microusd_month = 0;  // for each month that the recording is kept
  bool operator==(const Cost&) const = default;
};

struct Job {
  std::string id;   // UUIDv7
  std::string url;  // normalised
  std::string video_id;
  std::string title;
  std::string channel;
  std::string thumbnail_url;
  JobStatus status = JobStatus::pending;
  std::string quality = "best";  // as asked: "best", or a height such as "720"
  std::string quality_got;       // "1920x1080@60 h264+aac"
  bool from_start = false;
  std::int64_t from_ms = 0;  // so long before it was submitted the recording begins; 0: when the recorder does
  std::optional<Instant> created_at, started_at, recording_at, uploading_at;
  std::optional<Instant> completed_at;  // when it ended, in whichever way
  std::optional<Instant> heartbeat_at;
  std::uint64_t bytes = 0;
  std::int64_t media_ms = 0;
  std::int64_t lag_ms = 0;
  std::vector<Gap> gaps;
  int attempt = 0;             // how many recorders have taken this job
  int fruitless_attempts = 0;  // how many of them in a row brought nothing: not a byte more, no time to wait for
  std::string lease_owner;
  std::optional<Instant> lease_expires_at;
  std::optional<Instant> not_before;  // WAITING until then
  StopRequest stop_requested = StopRequest::none;
  std::vector<RecordingFile> recordings;
  std::optional<Verdict> verdict;          // of a COMPLETED job
  std::optional<Cost> cost;                // of one recorded into an account
  std::optional<Error> error;              // of a FAILED job, or what presently hinders a running one
  std::optional<std::int64_t> expires_at;  // epoch seconds: DynamoDB's TTL attribute must be a number
  std::uint64_t version = 0;               // grows with every write; what conditional writes compare

  bool operator==(const Job&) const = default;
};

/// COMPLETED, FAILED and CANCELLED: no recorder works on it any more.
bool is_terminal(JobStatus status);
/// STARTED, RECORDING, UPLOADING: a recorder holds or should hold the lease.
bool is_active(JobStatus status);

}  // namespace aircheck
