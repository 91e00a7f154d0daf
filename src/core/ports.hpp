#pragma once
// The ports: everything that the core needs from outside, as narrow interfaces. Each has an in-memory implementation for
// tests (core/memory.hpp) and real ones in the adapter layers, and one contract test that all pass. Unless said otherwise
// an implementation may be called from several threads at once.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "core/job.hpp"
#include "core/watch.hpp"

namespace aircheck {

struct Clock {
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
};

struct SystemClock final : Clock {
  Instant now() const override { return system_now(); }
};

// ---- jobs -----------------------------------------------------------------------------------------------------------

struct JobQuery {
  std::vector<JobStatus> statuses;  // empty: all
  std::string search;               // case-insensitive substring of title, channel, url or video id; empty: all
  std::size_t limit = 50;           // 1 to 200
  std::string cursor;               // as a page before gave it; empty: from the newest
};

struct JobPage {
  std::vector<Job> jobs;  // newest first
  std::string next;       // cursor of the next page; empty: this was the last
};

struct JobStore {
  virtual ~JobStore() = default;
  /// Stores a new job with version 1; `conflict` when the id exists.
  virtual Result<Job> create(Job job) = 0;
  virtual Result<Job> get(std::string_view id) = 0;
  virtual Result<JobPage> list(const JobQuery& query) = 0;
  /// One conditional write: replaces the row when its version is still `job.version` and is_legal(stored status, job.status);
  /// returns it with the new version. `conflict` when either does not hold, `not_found` when it is gone.
  virtual Result<Job> replace(Job job) = 0;
  /// Removes the row when its version is still `version`.
  virtual Result<void> remove(std::string_view id, std::uint64_t version) = 0;
  /// What the reconciler looks at: active jobs whose lease ended before `now`, WAITING ones that are due, and PENDING ones
  /// last written more than `pending_age` ago (their message may be lost). At most `limit`.
  virtual Result<std::vector<Job>> due(Instant now, milliseconds pending_age, std::size_t limit) = 0;
  /// All jobs that a recorder holds: active, with a lease that has not ended. Costs nothing for jobs that are over.
  virtual Result<std::vector<Job>> held(Instant now) = 0;
};

/// Reads, applies `change` (Job → Result<Job>) and writes; again when somebody else wrote in between, up to ten times.
template <class Change>
Result<Job> update(JobStore& store, std::string_view id, Change&& change) {
  Error last{ErrorKind::conflict, "the job kept changing"};
  for (int i = 0; i < 10; ++i) {
    auto job = store.get(id);
    if (!job) return job;
    const auto version = job->version;
    auto next = change(*std::move(job));
    if (!next) return next;
    next->version = version;
    auto written = store.replace(*std::move(next));
    if (written || written.error().kind != ErrorKind::conflict) return written;
    last = written.error();
  }
  return std::unexpected(last);
}

/// What changed, for server-sent events. Implemented by stores that can tell cheaply.
struct ChangeFeed {
  struct Changes {
    std::uint64_t cursor = 0;          // to ask with next time
    std::vector<Job> changed;          // in the order of their last change, at most 500
    std::vector<std::string> removed;  // ids
  };
  virtual ~ChangeFeed() = default;
  /// Everything after `cursor`; 0 yields only the present cursor, without the jobs.
  virtual Result<Changes> since(std::uint64_t cursor) = 0;
};

// ---- watched channels ------------------------------------------------------------------------------------------------

/// The watched channels, and which of their videos need no question any more. Shares its storage with a JobStore, so that a
/// broadcast and its job are noted together. Several programs may look at the same channels: each look is claimed.
struct WatchStore {
  virtual ~WatchStore() = default;
  /// Stores a new watch; `conflict` when the id exists, or the same channel with the same title.
  virtual Result<Watch> create(Watch watch) = 0;
  virtual Result<std::vector<Watch>> list() = 0;  // oldest first
  /// Replaces the watch of that id; `not_found` when it was removed meanwhile.
  virtual Result<void> replace(const Watch& watch) = 0;
  /// replace() for the one that is to look at the channel: false when the stored next_check_at is no longer `expected`, for
  /// then somebody else looks.
  virtual Result<bool> claim(const Watch& watch, const std::optional<Instant>& expected) = 0;
  /// Removes the watch and what is known of its videos, not the jobs that it led to.
  virtual Result<void> remove(std::string_view id) = 0;
  /// Those of the videos that were neither admitted nor dismissed, in their order. Of each watch some hundred verdicts are
  /// remembered, the latest: more than a feed holds.
  virtual Result<std::vector<std::string>> unjudged(std::string_view id, std::vector<std::string> video_ids) = 0;
  /// The video is no broadcast that is, or will be, on the air.
  virtual Result<void> dismiss(std::string_view id, std::string_view video_id) = 0;
  /// Stores the job of a broadcast and that the broadcast has it, both or neither. Nothing where the video was judged, or
  /// any other job has its video id: a broadcast gets one job, whoever asked for it. `not_found` when the watch is gone.
  virtual Result<std::optional<Job>> admit(std::string_view id, Job job) = 0;
};

// ---- queue ----------------------------------------------------------------------------------------------------------

struct Delivery {
  std::string job_id;
  std::string receipt;
  int receive_count = 1;
};

/// At-least-once: a message that is not acknowledged within its visibility timeout comes again, after `max_receives`
/// deliveries it becomes a dead letter. One group per job: two messages of one job are never in flight together.
struct JobQueue {
  virtual ~JobQueue() = default;
  /// `token`: a second send with the same token within five minutes is dropped.
  virtual Result<void> send(std::string_view job_id, std::string_view token) = 0;
  /// Up to `limit` messages, at once; none is a valid answer.
  virtual Result<std::vector<Delivery>> receive(std::size_t limit, milliseconds visibility) = 0;
  virtual Result<void> acknowledge(std::string_view receipt) = 0;
  /// Makes the message visible again after `delay`.
  virtual Result<void> put_back(std::string_view receipt, milliseconds delay) = 0;
  struct Depth {
    std::size_t waiting = 0, in_flight = 0, dead = 0;
  };
  virtual Result<Depth> depth() = 0;
  virtual Result<std::vector<std::string>> dead_letters(std::size_t limit) = 0;  // job ids
  virtual Result<std::size_t> replay_dead_letters() = 0;                         // how many
};

// ---- launcher -------------------------------------------------------------------------------------------------------

struct Launcher {
  virtual ~Launcher() = default;
  /// Starts a recorder for the claimed job (job.lease_owner is its token) and returns at once. Idempotent by that token.
  virtual Result<void> start(const Job& job) = 0;
  /// Whether the recorder of this job is known to be dead; nothing when that cannot be told (its lease then decides).
  virtual std::optional<bool> is_dead(const Job& job) = 0;
  /// Asks the recorder to look at its job now instead of at the next heartbeat. Best effort.
  virtual void nudge(const Job& job) = 0;
};

// ---- recordings -----------------------------------------------------------------------------------------------------

/// The files of one recording under way and its journal. Driven by one recorder; not thread-safe.
/// Each file is a head of fixed size, rewritten once at the end, and bytes that are only ever appended.
struct RecordingWriter {
  virtual ~RecordingWriter() = default;
  /// The journal's lines as they were committed before, oldest first; empty for a new recording. All are to be believed:
  /// the store has already dropped what may not have survived (a torn last line, lines after a power cut).
  virtual const std::vector<std::string>& journal() const = 0;
  /// Size of the head that this store wants, bytes: 512 KiB in a folder, a whole part in S3.
  virtual std::size_t head_size() const = 0;
  /// Begins the next file (index 0, 1, 2 …) with a provisional head. Zeros fill it up to head_size() bytes.
  virtual Result<void> begin_file(int index, ByteView head) = 0;
  /// Goes on with file `index`, cut to `length` bytes (head included).
  virtual Result<void> reopen_file(int index, std::uint64_t length) = 0;
  /// Appends the pieces in order. On error (`disk_full` …) nothing of them counts: the file is cut to its length before.
  /// `unavailable`, of this and of all that follows: the store is behind, the same call may succeed in a moment.
  /// `unsupported`: the store can make this file no longer; it is to be finished, and the next one begun. `not_found`: what
  /// was written of this file is gone; it is to be begun again.
  virtual Result<void> append(std::span<const ByteView> pieces) = 0;
  /// Length of the current file, bytes, head included.
  virtual std::uint64_t length() const = 0;
  /// Binds `line` (no newline in it) to all that was appended so far: a successor that finds the line finds the bytes.
  virtual Result<void> commit(std::string_view line) = 0;
  /// To be called before the final head is made: nothing but that head is to follow for the current file. A store that
  /// holds bytes back brings them out and frees their memory, so that both need not find room at once.
  virtual Result<void> seal_file() { return {}; }
  /// Puts the final head of the current file in place, filled up likewise, and makes it durable.
  virtual Result<void> finish_file(Bytes head) = 0;
  /// All files are finished: removes the journal.
  virtual Result<void> close() = 0;
};

/// A finished file made anew: it grows beside the one that is there, and takes its place in one step or not at all. What was
/// not committed goes with the object. Not thread-safe.
struct RecordingReplacement {
  virtual ~RecordingReplacement() = default;
  /// On error (`disk_full` …) the object is good for nothing but its end.
  virtual Result<void> append(std::span<const ByteView> pieces) = 0;
  /// Bytes, those of the head included.
  virtual std::uint64_t length() const = 0;
  /// Writes `head` over the first bytes, makes all of it durable and puts it in the place of the old file. `not_found` when that
  /// is gone by now.
  virtual Result<void> commit(ByteView head) = 0;
};

/// Room for bytes that need not outlive the object, nor the process. Not thread-safe.
struct ScratchFile {
  virtual ~ScratchFile() = default;
  virtual Result<void> append(std::span<const ByteView> pieces) = 0;
  virtual std::uint64_t length() const = 0;
  /// All of `out`, from `offset`; `corrupt` where there is less.
  virtual Result<void> read(std::uint64_t offset, std::span<std::byte> out) = 0;
};

struct RecordingStore {
  virtual ~RecordingStore() = default;
  /// Opens or begins the recording whose first file is `key`; later files are named by recording_part_key().
  /// `conflict` when another live process is writing it.
  virtual Result<std::unique_ptr<RecordingWriter>> open(std::string_view key) = 0;
  /// Size in bytes, of a growing file too.
  virtual Result<std::uint64_t> size(std::string_view key) = 0;
  /// Reads up to out.size() bytes from `offset`; returns how many, 0 at the end.
  virtual Result<std::size_t> read(std::string_view key, std::uint64_t offset, std::span<std::byte> out) = 0;
  /// Removes all files of the recording and its journal; fine when there are none.
  virtual Result<void> remove(std::string_view key) = 0;
  /// Begins to make the finished file `key` anew, with room for `head_size` bytes in front. `conflict` when somebody else is
  /// doing so; `unsupported` where the store's files cannot be exchanged.
  virtual Result<std::unique_ptr<RecordingReplacement>> replace(std::string_view key, std::size_t head_size);
  /// Beside the file `key`, where there is room for what is about its size. `unsupported` as above.
  virtual Result<std::unique_ptr<ScratchFile>> scratch(std::string_view key);
};

}  // namespace aircheck
