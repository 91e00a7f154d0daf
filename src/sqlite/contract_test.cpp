// The SQLite store and queue keep the contracts of the ports.
#include "core/job_property_contract.hpp"
#include "core/job_queue_contract.hpp"
#include "core/job_store_contract.hpp"
#include "core/watch_store_contract.hpp"
#include "sqlite/jobs.hpp"
#include "sqlite/queue.hpp"
#include "sqlite/temporary_testing.hpp"
#include "sqlite/watches.hpp"

namespace aircheck {
namespace {

struct SqliteJobsWorld final : JobStoreWorld {
  sqlite::TemporaryFolder folder;
  std::unique_ptr<sqlite::SqliteJobs> store = sqlite::SqliteJobs::open(folder.file("jobs.db"), clock).value();
  JobStore& jobs() override { return *store; }
  ChangeFeed* feed() override { return store.get(); }
};

struct SqliteQueueWorld final : JobQueueWorld {
  sqlite::TemporaryFolder folder;
  std::unique_ptr<sqlite::SqliteQueue> store = sqlite::SqliteQueue::open(folder.file("jobs.db"), clock, 5).value();
  JobQueue& queue() override { return *store; }
};

struct SqliteWatchesWorld final : WatchStoreWorld {
  sqlite::TemporaryFolder folder;
  std::unique_ptr<sqlite::SqliteJobs> jobs_store = sqlite::SqliteJobs::open(folder.file("jobs.db"), clock).value();
  std::unique_ptr<sqlite::SqliteWatches> store = sqlite::SqliteWatches::open(folder.file("jobs.db"), clock).value();
  WatchStore& watches() override { return *store; }
  JobStore& jobs() override { return *jobs_store; }
};

std::unique_ptr<WatchStoreWorld> make_watches() { return std::make_unique<SqliteWatchesWorld>(); }
std::unique_ptr<JobStoreWorld> make_jobs() { return std::make_unique<SqliteJobsWorld>(); }
std::unique_ptr<JobQueueWorld> make_queue() { return std::make_unique<SqliteQueueWorld>(); }

}  // namespace

INSTANTIATE_TEST_SUITE_P(Sqlite, JobStoreContract, testing::Values(make_jobs));
INSTANTIATE_TEST_SUITE_P(Sqlite, ChangeFeedContract, testing::Values(make_jobs));
INSTANTIATE_TEST_SUITE_P(Sqlite, JobPropertyContract, testing::Values(make_jobs));
INSTANTIATE_TEST_SUITE_P(Sqlite, WatchStoreContract, testing::Values(make_watches));
INSTANTIATE_TEST_SUITE_P(Sqlite, JobQueueContract, testing::Values(make_queue));

}  // namespace aircheck
