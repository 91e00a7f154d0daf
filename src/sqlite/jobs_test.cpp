#include "sqlite/jobs.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>
#include <thread>

#include "core/job_samples_testing.hpp"
#include "core/transitions.hpp"
#include "sqlite/queue.hpp"
#include "sqlite/temporary_testing.hpp"

namespace aircheck::sqlite {
namespace {

class SqliteJobsTest : public testing::Test {
 protected:
  std::unique_ptr<SqliteJobs> open() { return SqliteJobs::open(file_, clock_).value(); }

  ManualClock clock_;
  TemporaryFolder folder_;
  std::string file_ = folder_.file("aircheck.db");
};

TEST_F(SqliteJobsTest, pages_through_ten_thousand_jobs) {
  constexpr std::uint64_t kJobs = 10'000;
  const auto store = open();
  {
    // Written behind the store's back in one transaction: ten thousand syncs are not what is tested.
    const auto database = *Database::open(file_);
    ASSERT_TRUE(database->execute(R"sql(
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
INSERT INTO jobs SELECT printf('0190f3e2-0000-7000-8000-%012d', i), 1,
    CASE WHEN i % 10 = 0 THEN 'COMPLETED' ELSE 'FAILED' END, 1763884800000 + i, 0, NULL, NULL, i + 1, 'title ' || i,
    json_object('id', printf('0190f3e2-0000-7000-8000-%012d', i), 'status', CASE WHEN i % 10 = 0 THEN 'COMPLETED' ELSE 'FAILED' END,
                'created_at', strftime('%Y-%m-%dT%H:%M:%fZ', (1763884800000 + i) / 1000.0, 'unixepoch'), 'version', 1)
  FROM n)sql"));
  }
  std::uint64_t expected = kJobs;
  JobQuery query{.limit = 200};
  do {
    const auto page = store->list(query);
    ASSERT_TRUE(page) << page.error().message;
    for (const auto& job : page->jobs) ASSERT_EQ(job.id, test_id(expected--));
    query.cursor = page->next;
  } while (!query.cursor.empty());
  EXPECT_EQ(expected, 0U);
  const auto found = store->list({.statuses = {JobStatus::completed}, .search = "TITLE 123", .limit = 200});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->jobs.size(), 1U);  // 1230; of 123 and 1231… only each tenth is completed
}

TEST_F(SqliteJobsTest, an_unreadable_row_hides_no_other) {
  const auto store = open();
  ASSERT_TRUE(store->create(test_job(1)));
  ASSERT_TRUE(store->create(test_job(2)));
  ASSERT_TRUE((*Database::open(file_))->execute("UPDATE jobs SET body = '{' WHERE id LIKE '%1'"));
  const auto page = store->list({});
  ASSERT_TRUE(page);
  ASSERT_EQ(page->jobs.size(), 1U);
  EXPECT_EQ(page->jobs[0].id, test_id(2));
  EXPECT_EQ(store->get(test_id(1)).error().kind, ErrorKind::corrupt);
}

TEST_F(SqliteJobsTest, the_server_sees_what_another_connection_wrote) {
  const auto server = open(), recorder = open();
  ASSERT_TRUE(server->create(test_job(1)));
  const auto cursor = server->since(0)->cursor;
  auto job = *recorder->get(test_id(1));
  job.title = "from the recorder";
  ASSERT_TRUE(recorder->replace(job));
  const auto changes = server->since(cursor);
  ASSERT_TRUE(changes);
  ASSERT_EQ(changes->changed.size(), 1U);
  EXPECT_EQ(changes->changed[0].title, "from the recorder");
}

// A recorder's life as its own process: claims its job, then sends heartbeats as fast as it can.
int live_as_recorder(const std::string& file, const std::string& id, int beats) {
  SystemClock clock;
  const auto store = SqliteJobs::open(file, clock);
  if (!store) return 1;
  const auto owner = "recorder of " + id;
  const auto claimed = update(**store, id, [&](Job job) {
    return claim(std::move(job), {.owner = owner, .now = clock.now(), .lease = seconds{60}});
  });
  if (!claimed) return 2;
  for (int beat = 1; beat <= beats; ++beat) {
    const auto done = update(**store, id, [&](Job job) {
      return heartbeat(
          std::move(job),
          {.owner = owner, .now = clock.now(), .lease = seconds{60}, .bytes = static_cast<std::uint64_t>(beat)});
    });
    if (!done) return 3;
  }
  return 0;
}

TEST_F(SqliteJobsTest, a_hundred_recorder_processes_share_the_file) {
  constexpr std::uint64_t kRecorders = 100;
  constexpr int kBeats = 5;
  {
    const auto store = open();
    for (std::uint64_t number = 1; number <= kRecorders; ++number) ASSERT_TRUE(store->create(test_job(number)));
  }
  std::vector<pid_t> children;
  for (std::uint64_t number = 1; number <= kRecorders; ++number) {
    const auto child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) _exit(live_as_recorder(file_, test_id(number), kBeats));
    children.push_back(child);
  }
  for (const auto child : children) {
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
  }
  const auto store = open();
  for (std::uint64_t number = 1; number <= kRecorders; ++number) {
    const auto job = store->get(test_id(number));
    ASSERT_TRUE(job);
    EXPECT_EQ(job->bytes, static_cast<std::uint64_t>(kBeats));
    EXPECT_EQ(job->version, static_cast<std::uint64_t>(2 + kBeats));
  }
  EXPECT_TRUE(store->check());
}

TEST_F(SqliteJobsTest, two_servers_never_get_the_same_message) {
  const auto queue = SqliteQueue::open(file_, clock_).value();
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(queue->send("job " + std::to_string(i), std::to_string(i)));
  std::mutex mutex;
  std::multiset<std::string> seen;
  {
    std::vector<std::jthread> servers;
    for (int i = 0; i < 4; ++i)
      servers.emplace_back([&] {
        const auto mine = SqliteQueue::open(file_, clock_).value();
        for (;;) {
          const auto batch = mine->receive(3, seconds{60});
          if (!batch || batch->empty()) return;
          const std::lock_guard lock(mutex);
          for (const auto& delivery : *batch) seen.insert(delivery.job_id);
        }
      });
  }
  EXPECT_EQ(seen.size(), 100U);
  EXPECT_EQ(std::set(seen.begin(), seen.end()).size(), 100U);
}

}  // namespace
}  // namespace aircheck::sqlite
