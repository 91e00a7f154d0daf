// Watched channels in DynamoDB when answers get lost, calls are refused, and jobs are deleted.
#include <gtest/gtest.h>

#include "aws/dynamo_jobs.hpp"
#include "aws/dynamo_watches.hpp"
#include "aws/json_call.hpp"
#include "aws/moto_testing.hpp"
#include "base/json.hpp"
#include "core/job_samples_testing.hpp"
#include "core/watch_samples_testing.hpp"

namespace aircheck::aws {
namespace {

class WatchTable : public testing::Test {
 protected:
  WatchTable() {
    if (const auto made = jobs_.create_table(); !made) throw std::runtime_error(made.error().message);
  }
  static Job job_of(std::uint64_t number, std::string video_id) {
    auto job = test_job(number);
    job.video_id = std::move(video_id);
    return job;
  }
  std::size_t count_jobs() { return jobs_.list({.limit = 200})->jobs.size(); }

  MotoClient aws_;
  ManualClock clock_;
  std::string table_ = Moto::instance().fresh("jobs");
  DynamoJobs jobs_{aws_.client, clock_, table_};
  DynamoWatches watches_{aws_.client, clock_, table_};
};

class WatchFaults : public WatchTable, public testing::WithParamInterface<const char*> {
 protected:
  void fail_next(const char* operation) { Moto::instance().fail_next(operation, GetParam(), 2); }
};

TEST_P(WatchFaults, every_write_takes_effect_once) {
  fail_next("TransactWriteItems");
  const auto made = watches_.create(test_watch(1));
  ASSERT_TRUE(made) << made.error().message;
  auto looked = test_watch(1);
  looked.next_check_at = clock_.now();
  fail_next("PutItem");
  EXPECT_TRUE(watches_.claim(looked, {}).value());
  fail_next("TransactWriteItems");
  const auto admitted = watches_.admit(test_id(1), job_of(10, "live0000001"));
  ASSERT_TRUE(admitted) << admitted.error().message;
  EXPECT_TRUE(admitted->has_value()) << "whoever hears nothing would not queue it";
  EXPECT_EQ(count_jobs(), 1U);
  fail_next("PutItem");
  EXPECT_TRUE(watches_.dismiss(test_id(1), "old00000001"));
  fail_next("GetItem");
  EXPECT_EQ(watches_.unjudged(test_id(1), {"live0000001", "old00000001", "new00000001"}).value(),
            std::vector<std::string>{"new00000001"});
  fail_next("Query");
  EXPECT_EQ(watches_.list().value(), std::vector{looked});
  fail_next("DeleteItem");
  EXPECT_TRUE(watches_.remove(test_id(1)));
  EXPECT_TRUE(watches_.list()->empty());
  EXPECT_TRUE(watches_.create(test_watch(1))) << "nothing was left of it";
}

INSTANTIATE_TEST_SUITE_P(Kinds, WatchFaults, testing::Values("lost", "500", "throttle"));

TEST_F(WatchTable, watches_are_no_jobs) {
  ASSERT_TRUE(watches_.create(full_watch(1)));
  ASSERT_TRUE(watches_.admit(test_id(1), job_of(10, "live0000001"))->has_value());
  EXPECT_EQ(count_jobs(), 1U);
  EXPECT_EQ(jobs_.due(clock_.now() + seconds{3600}, seconds{60}, 10)->size(), 1U);
  EXPECT_EQ(jobs_.get(test_id(1)).error().kind, ErrorKind::not_found);
}

TEST_F(WatchTable, the_latest_verdicts_are_kept) {
  ASSERT_TRUE(watches_.create(test_watch(1)));
  auto videos = nlohmann::json::array();
  for (int i = 0; i < 120; ++i) videos.push_back({{"S", "video" + std::to_string(100'000 + i)}});
  const nlohmann::json full{
      {"id", {{"S", "verdicts#" + test_id(1)}}}, {"videos", {{"L", videos}}}, {"number", {{"N", "200"}}}};
  ASSERT_TRUE(json_of(aws_.client, kDynamoDb, "PutItem", {{"TableName", table_}, {"Item", full}}));
  ASSERT_TRUE(watches_.dismiss(test_id(1), "old00000001"));
  EXPECT_EQ(watches_.unjudged(test_id(1), {"video100000", "video100001", "video100119", "old00000001"}).value(),
            std::vector<std::string>{"video100000"});
}

TEST_F(WatchTable, another_watch_records_what_was_deleted) {
  ASSERT_TRUE(watches_.create(test_watch(1)));
  ASSERT_TRUE(watches_.create(test_watch(2)));
  ASSERT_TRUE(watches_.admit(test_id(1), job_of(10, "live0000001"))->has_value());
  ASSERT_TRUE(jobs_.remove(test_id(10), 1));
  EXPECT_TRUE(watches_.admit(test_id(2), job_of(11, "live0000001"))->has_value()) << "as on one machine";
  EXPECT_FALSE(watches_.admit(test_id(1), job_of(12, "live0000001"))->has_value());
}

TEST_F(WatchTable, an_unreadable_watch_hides_no_others) {
  ASSERT_TRUE(watches_.create(test_watch(1)));
  const nlohmann::json odd{{"id", {{"S", "watch#x"}}}, {"everything", {{"S", "watch"}}}, {"place", {{"S", "1"}}}};
  ASSERT_TRUE(json_of(aws_.client, kDynamoDb, "PutItem", {{"TableName", table_}, {"Item", odd}}));
  EXPECT_EQ(watches_.list()->size(), 1U);
}

TEST_F(WatchTable, a_table_closed_to_us_is_no_missing_watch) {
  ASSERT_TRUE(watches_.create(test_watch(1)));
  Moto::instance().fail_next("PutItem", "denied");
  EXPECT_EQ(watches_.replace(test_watch(1)).error().kind, ErrorKind::unavailable);
  for (const auto* operation : {"GetItem", "Query", "TransactWriteItems"}) {
    Moto::instance().fail_next(operation, "denied");
    const auto admitted = watches_.admit(test_id(1), job_of(10, "live0000001"));
    ASSERT_FALSE(admitted) << operation;
    EXPECT_EQ(admitted.error().kind, ErrorKind::unavailable) << operation;
  }
  EXPECT_EQ(count_jobs(), 0U);
}

}  // namespace
}  // namespace aircheck::aws
