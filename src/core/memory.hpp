#pragma once
// The ports in memory: what tests run against, and the reference for the contract that every other implementation keeps.
// All but the recordings are thread-safe; each holds a reference to the clock, which must outlive it.

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/ports.hpp"

namespace aircheck {

/// A clock that stands still until it is told otherwise. Begins at 2026-11-23T08:00:00Z.
class ManualClock final : public Clock {
 public:
  Instant now() const override;
  void advance(milliseconds by);
  void set(Instant now);

 private:
  mutable std::mutex mutex_;
  Instant now_{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + std::chrono::hours{8}};
};

class MemoryJobs final : public JobStore, public ChangeFeed {
 public:
  explicit MemoryJobs(const Clock& clock) : clock_(clock) {}

  Result<Job> create(Job job) override;
  Result<Job> get(std::string_view id) override;
  Result<JobPage> list(const JobQuery& query) override;
  Result<Job> replace(Job job) override;
  Result<void> remove(std::string_view id, std::uint64_t version) override;
  Result<std::vector<Job>> due(Instant now, milliseconds pending_age, std::size_t limit) override;
  Result<std::vector<Job>> held(Instant now) override;
  Result<Changes> since(std::uint64_t cursor) override;

 private:
  struct Row {
    Job job;
    std::uint64_t change = 0;
    Instant written;
  };
  Job put(Job job);

  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Row, std::less<>> rows_;
  std::map<std::uint64_t, std::string> removed_;
  std::uint64_t change_ = 1;
};

/// Borrows the jobs.
class MemoryWatches final : public WatchStore {
 public:
  explicit MemoryWatches(JobStore& jobs) : jobs_(jobs) {}

  Result<Watch> create(Watch watch) override;
  Result<std::vector<Watch>> list() override;
  Result<void> replace(const Watch& watch) override;
  Result<bool> claim(const Watch& watch, const std::optional<Instant>& expected) override;
  Result<void> remove(std::string_view id) override;
  Result<std::vector<std::string>> unjudged(std::string_view id, std::vector<std::string> video_ids) override;
  Result<void> dismiss(std::string_view id, std::string_view video_id) override;
  Result<std::optional<Job>> admit(std::string_view id, Job job) override;

 private:
  struct Row {
    Watch watch;
    std::set<std::string, std::less<>> judged;  // ids of videos
  };

  JobStore& jobs_;
  std::mutex mutex_;
  std::map<std::string, Row, std::less<>> rows_;
};

class MemoryQueue final : public JobQueue {
 public:
  explicit MemoryQueue(const Clock& clock, int max_receives = 5) : clock_(clock), max_receives_(max_receives) {}

  Result<void> send(std::string_view job_id, std::string_view token) override;
  Result<std::vector<Delivery>> receive(std::size_t limit, milliseconds visibility) override;
  Result<void> acknowledge(std::string_view receipt) override;
  Result<void> put_back(std::string_view receipt, milliseconds delay) override;
  Result<Depth> depth() override;
  Result<std::vector<std::string>> dead_letters(std::size_t limit) override;
  Result<std::size_t> replay_dead_letters() override;

 private:
  struct Message {
    std::uint64_t number = 0;
    std::string job_id;
    Instant visible_at;
    int receive_count = 0;
    std::string receipt() const { return std::to_string(number) + "." + std::to_string(receive_count); }
  };
  void bury(Instant now);
  std::deque<Message>::iterator find(std::string_view receipt);

  const Clock& clock_;
  const int max_receives_;
  std::mutex mutex_;
  std::uint64_t last_number_ = 0;
  std::deque<Message> messages_, dead_;
  std::map<std::string, Instant, std::less<>> tokens_;
};

/// Recordings in memory. A writer that is destroyed before close() is a recorder that died: the bytes stay as they are.
class MemoryRecordings final : public RecordingStore {
 public:
  explicit MemoryRecordings(std::size_t head_size = 4096);
  ~MemoryRecordings() override;

  Result<std::unique_ptr<RecordingWriter>> open(std::string_view key) override;
  Result<std::uint64_t> size(std::string_view key) override;
  Result<std::size_t> read(std::string_view key, std::uint64_t offset, std::span<std::byte> out) override;
  Result<void> remove(std::string_view key) override;
  Result<std::unique_ptr<RecordingReplacement>> replace(std::string_view key, std::size_t head_size) override;
  Result<std::unique_ptr<ScratchFile>> scratch(std::string_view key) override;

  /// From now on appending more than `room` bytes in all fails with disk_full; nothing takes the limit away.
  void limit_room(std::optional<std::size_t> room);

 private:
  class Writer;
  class Replacement;
  struct State;
  std::shared_ptr<State> state_;  // writers share it, for they may outlive the store in a test
};

}  // namespace aircheck
