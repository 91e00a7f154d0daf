// The ports in memory keep the contracts that all others keep.
#include "core/memory.hpp"

#include "core/job_property_contract.hpp"
#include "core/job_queue_contract.hpp"
#include "core/job_store_contract.hpp"
#include "core/recording_replacement_contract.hpp"
#include "core/recording_store_contract.hpp"
#include "core/watch_store_contract.hpp"

namespace aircheck {
namespace {

struct MemoryJobsWorld final : JobStoreWorld {
  MemoryJobs store{clock};
  JobStore& jobs() override { return store; }
  ChangeFeed* feed() override { return &store; }
};

struct MemoryWatchesWorld final : WatchStoreWorld {
  MemoryJobs memory{clock};
  MemoryWatches store{memory};
  WatchStore& watches() override { return store; }
  JobStore& jobs() override { return memory; }
};

struct MemoryQueueWorld final : JobQueueWorld {
  MemoryQueue memory{clock, 5};
  JobQueue& queue() override { return memory; }
};

struct MemoryRecordingsWorld final : RecordingStoreWorld {
  MemoryRecordings recordings;
  RecordingStore& store() override { return recordings; }
};

std::unique_ptr<JobStoreWorld> make_jobs() { return std::make_unique<MemoryJobsWorld>(); }
std::unique_ptr<WatchStoreWorld> make_watches() { return std::make_unique<MemoryWatchesWorld>(); }
std::unique_ptr<JobQueueWorld> make_queue() { return std::make_unique<MemoryQueueWorld>(); }
std::unique_ptr<RecordingStoreWorld> make_recordings() { return std::make_unique<MemoryRecordingsWorld>(); }

TEST(MemoryRecordings, a_full_disk_takes_nothing_of_an_append) {
  MemoryRecordings recordings;
  recordings.limit_room(5);
  const auto writer = *recordings.open("a.mkv");
  ASSERT_TRUE(writer->begin_file(0, Bytes(writer->head_size())));
  const std::vector<ByteView> pieces{as_bytes("123"), as_bytes("456")};
  EXPECT_EQ(writer->append(pieces).error().kind, ErrorKind::disk_full);
  EXPECT_EQ(writer->length(), writer->head_size());
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Memory, JobStoreContract, testing::Values(make_jobs));
INSTANTIATE_TEST_SUITE_P(Memory, ChangeFeedContract, testing::Values(make_jobs));
INSTANTIATE_TEST_SUITE_P(Memory, JobPropertyContract, testing::Values(make_jobs));
INSTANTIATE_TEST_SUITE_P(Memory, WatchStoreContract, testing::Values(make_watches));
INSTANTIATE_TEST_SUITE_P(Memory, JobQueueContract, testing::Values(make_queue));
INSTANTIATE_TEST_SUITE_P(Memory, RecordingStoreContract, testing::Values(make_recordings));
INSTANTIATE_TEST_SUITE_P(Memory, RecordingReplacementContract, testing::Values(make_recordings));
INSTANTIATE_TEST_SUITE_P(Memory, RecordingScratchContract, testing::Values(make_recordings));

}  // namespace aircheck
