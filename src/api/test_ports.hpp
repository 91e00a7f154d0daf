#pragma once
// The ports for the tests of api and server, and a context of them. Test code only.

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "api/api.hpp"
#include "core/memory.hpp"

namespace aircheck::api {

/// A store and a queue that cannot be reached.
struct BrokenJobs final : JobStore {
  static std::unexpected<Error> broken() { return fail(ErrorKind::unavailable, "the disk is away"); }
  Result<Job> create(Job) override { return broken(); }
  Result<Job> get(std::string_view) override { return broken(); }
  Result<JobPage> list(const JobQuery&) override { return broken(); }
  Result<Job> replace(Job) override { return broken(); }
  Result<void> remove(std::string_view, std::uint64_t) override { return broken(); }
  Result<std::vector<Job>> due(Instant, milliseconds, std::size_t) override { return broken(); }
  Result<std::vector<Job>> held(Instant) override { return broken(); }
};
struct BrokenQueue final : JobQueue {
  Result<void> send(std::string_view, std::string_view) override { return BrokenJobs::broken(); }
  Result<std::vector<Delivery>> receive(std::size_t, milliseconds) override { return BrokenJobs::broken(); }
  Result<void> acknowledge(std::string_view) override { return BrokenJobs::broken(); }
  Result<void> put_back(std::string_view, milliseconds) override { return BrokenJobs::broken(); }
  Result<Depth> depth() override { return BrokenJobs::broken(); }
  Result<std::vector<std::string>> dead_letters(std::size_t) override { return BrokenJobs::broken(); }
  Result<std::size_t> replay_dead_letters() override { return BrokenJobs::broken(); }
};

/// Files that a test puts there as they are.
class TestRecordings final : public RecordingStore {
 public:
  void put(const std::string& key, std::string bytes) {
    const std::scoped_lock lock(mutex_);
    files_[key] = std::move(bytes);
  }
  /// A file whose every byte is its offset modulo 251, and that is nowhere in memory.
  void put_endless(const std::string& key, std::uint64_t size) {
    const std::scoped_lock lock(mutex_);
    endless_[key] = size;
  }
  static char endless_byte(std::uint64_t offset) { return static_cast<char>(offset % 251); }
  bool has(const std::string& key) const {
    const std::scoped_lock lock(mutex_);
    return files_.contains(key);
  }

  Result<std::unique_ptr<RecordingWriter>> open(std::string_view) override {
    return fail(ErrorKind::unsupported, "a test");
  }
  Result<std::uint64_t> size(std::string_view key) override {
    const std::scoped_lock lock(mutex_);
    if (const auto found = endless_.find(std::string(key)); found != endless_.end()) return found->second;
    if (const auto found = files_.find(std::string(key)); found != files_.end()) return found->second.size();
    return fail(ErrorKind::not_found, "no such file");
  }
  Result<std::size_t> read(std::string_view key, std::uint64_t offset, std::span<std::byte> out) override {
    const std::scoped_lock lock(mutex_);
    if (const auto found = endless_.find(std::string(key)); found != endless_.end()) {
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::byte>(endless_byte(offset + i));
      return out.size();
    }
    const auto found = files_.find(std::string(key));
    if (found == files_.end()) return fail(ErrorKind::not_found, "no such file");
    const auto& bytes = found->second;
    if (offset >= bytes.size()) return std::size_t{0};
    const auto count = std::min<std::size_t>(out.size(), bytes.size() - static_cast<std::size_t>(offset));
    std::memcpy(out.data(), bytes.data() + offset, count);
    return count;
  }
  Result<void> remove(std::string_view key) override {
    const std::scoped_lock lock(mutex_);
    files_.erase(std::string(key));
    return {};
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string> files_;
  std::map<std::string, std::uint64_t> endless_;
};

/// All ports, and a context of them.
struct TestWorld {
  ManualClock clock;
  MemoryJobs jobs{clock};
  MemoryQueue queue{clock};
  MemoryWatches watches{jobs};
  TestRecordings recordings;
  int submitted = 0, watched = 0;
  std::vector<Job> changed;
  Context context{.jobs = jobs,
                  .queue = queue,
                  .recordings = recordings,
                  .watches = watches,
                  .changes = &jobs,
                  .clock = clock,
                  .on_submitted = [this] { ++submitted; },
                  .on_change = [this](const Job& job) { changed.push_back(job); },
                  .version = "1.2.3",
                  .on_watched = [this] { ++watched; }};

  /// A stored job of that status, recorded as far as that implies.
  Job add(JobStatus status, std::string title = "A stream") {
    Job job;
    char id[37];
    std::snprintf(id, sizeof id, "0190f3e2-0000-7000-8000-%012d", ++count_);
    job.id = id;
    job.url = "https://www.youtube.com/watch?v=live0000001";
    job.video_id = "live0000001";
    job.title = std::move(title);
    job.status = status;
    job.created_at = clock.now();
    if (is_active(status)) {
      job.lease_owner = "recorder";
      job.lease_expires_at = clock.now() + seconds{60};
    }
    if (status == JobStatus::recording || status == JobStatus::completed || status == JobStatus::failed)
      job.recordings = {{"recordings/2026/11/live0000001-" + job.id + ".mkv", 10, 1000}};
    return *jobs.create(job);
  }

 private:
  int count_ = 0;
};

}  // namespace aircheck::api
