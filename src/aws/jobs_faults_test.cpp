// DynamoDB and SQS when answers get lost, calls are refused, and others write into what is ours.
#include <gtest/gtest.h>

#include "aws/dynamo_jobs.hpp"
#include "aws/json_call.hpp"
#include "aws/moto_testing.hpp"
#include "aws/sqs_queue.hpp"
#include "base/json.hpp"
#include "core/job_samples_testing.hpp"
#include "core/transitions.hpp"

namespace aircheck::aws {
namespace {

class DynamoStore : public testing::Test {
 protected:
  DynamoStore() {
    if (const auto made = jobs_.create_table(); !made) throw std::runtime_error(made.error().message);
  }
  MotoClient aws_;
  ManualClock clock_;
  std::string table_ = Moto::instance().fresh("jobs");
  DynamoJobs jobs_{aws_.client, clock_, table_};
};

class DynamoFaults : public DynamoStore, public testing::WithParamInterface<const char*> {
 protected:
  void fail_next(const char* operation) { Moto::instance().fail_next(operation, GetParam(), 2); }
};

TEST_P(DynamoFaults, every_write_takes_effect_once) {
  fail_next("PutItem");
  auto job = jobs_.create(test_job(1));
  ASSERT_TRUE(job) << job.error().message;
  fail_next("PutItem");
  job = jobs_.replace(*claim(*job, {.owner = "a", .now = clock_.now(), .lease = seconds{60}}));
  ASSERT_TRUE(job) << job.error().message;
  EXPECT_EQ(job->version, 2U);
  fail_next("GetItem");
  EXPECT_EQ(*jobs_.get(test_id(1)), *job);
  fail_next("Query");
  EXPECT_EQ(jobs_.list({})->jobs.size(), 1U);
  fail_next("Query");
  EXPECT_EQ(jobs_.due(clock_.now() + seconds{60}, seconds{60}, 10)->size(), 1U);
  fail_next("DeleteItem");
  const auto removed = jobs_.remove(test_id(1), 2);
  EXPECT_TRUE(removed) << removed.error().message;
  EXPECT_EQ(jobs_.get(test_id(1)).error().kind, ErrorKind::not_found);
}

INSTANTIATE_TEST_SUITE_P(Kinds, DynamoFaults, testing::Values("lost", "500", "throttle"));

TEST_F(DynamoStore, a_missing_table_is_told) {
  DynamoJobs elsewhere(aws_.client, clock_, "no-such-table");
  const auto got = elsewhere.get(test_id(1));
  ASSERT_FALSE(got);
  EXPECT_NE(got.error().message.find("ResourceNotFoundException"), std::string::npos) << got.error().message;
  EXPECT_EQ(got.error().kind, ErrorKind::unavailable) << "not_found would mean that the job was deleted";
  EXPECT_EQ(elsewhere.list({}).error().kind, ErrorKind::unavailable);
  EXPECT_EQ(elsewhere.create(test_job(1)).error().kind, ErrorKind::unavailable);
  EXPECT_EQ(elsewhere.replace(test_job(1)).error().kind, ErrorKind::unavailable);
  EXPECT_EQ(elsewhere.remove(test_id(1), 1).error().kind, ErrorKind::unavailable);
}

TEST_F(DynamoStore, a_table_closed_to_us_is_no_missing_job) {
  Moto::instance().fail_next("GetItem", "denied");
  const auto got = jobs_.get(test_id(1));
  EXPECT_EQ(got.error().kind, ErrorKind::unavailable);
  EXPECT_NE(got.error().message.find("AccessDenied"), std::string::npos) << got.error().message;
}

TEST_F(DynamoStore, an_unreadable_item_hides_no_others) {
  ASSERT_TRUE(jobs_.create(test_job(1)));
  const nlohmann::json odd{
      {"id", {{"S", test_id(2)}}}, {"everything", {{"S", "job"}}}, {"place", {{"S", "1"}}}, {"status", {{"N", "7"}}}};
  ASSERT_TRUE(json_of(aws_.client, kDynamoDb, "PutItem", {{"TableName", table_}, {"Item", odd}}));
  EXPECT_EQ(jobs_.list({})->jobs.size(), 1U);
  EXPECT_EQ(jobs_.get(test_id(2)).error().kind, ErrorKind::corrupt);
}

TEST_F(DynamoStore, the_time_to_live_is_a_number) {
  ASSERT_TRUE(jobs_.create(full_job(1)));
  const auto item =
      json_of(aws_.client, kDynamoDb, "GetItem", {{"TableName", table_}, {"Key", {{"id", {{"S", test_id(1)}}}}}});
  EXPECT_EQ((*item)["Item"]["expires_at"], (nlohmann::json{{"N", "1800000000"}}));
}

class SqsFaults : public testing::Test {
 protected:
  SqsFaults() {
    const auto made =
        json_of(aws_.client, kSqs, "CreateQueue",
                {{"QueueName", Moto::instance().fresh("q") + ".fifo"}, {"Attributes", {{"FifoQueue", "true"}}}});
    url_ = made.value().value("QueueUrl", "");
    queue_ = std::make_unique<SqsQueue>(aws_.client, SqsOptions{.queue_url = url_});
  }
  MotoClient aws_;
  std::string url_;
  std::unique_ptr<SqsQueue> queue_;
};

TEST_F(SqsFaults, a_message_whose_answer_was_lost_is_there_once) {
  for (const auto* kind : {"lost", "500", "throttle"}) {
    Moto::instance().fail_next("SendMessage", kind);
    ASSERT_TRUE(queue_->send("a", kind));
    const auto got = queue_->receive(10, seconds{30});
    ASSERT_EQ(got->size(), 1U) << kind;
    Moto::instance().fail_next("DeleteMessage", kind);
    ASSERT_TRUE(queue_->acknowledge(got->at(0).receipt));
    EXPECT_EQ(queue_->depth()->waiting + queue_->depth()->in_flight, 0U) << kind;
  }
}

TEST_F(SqsFaults, foreign_messages_are_left_to_become_dead_letters) {
  ASSERT_TRUE(json_of(
      aws_.client, kSqs, "SendMessage",
      {{"QueueUrl", url_}, {"MessageBody", "hello"}, {"MessageGroupId", "x"}, {"MessageDeduplicationId", "x"}}));
  ASSERT_TRUE(queue_->send("a", "t"));
  const auto got = queue_->receive(10, seconds{30});
  ASSERT_EQ(got->size(), 1U);
  EXPECT_EQ(got->at(0).job_id, "a");
  EXPECT_EQ(queue_->depth()->in_flight, 2U);
}

TEST_F(SqsFaults, any_job_id_makes_a_group) {
  const std::string odd = "ä " + std::string(300, 'x');
  ASSERT_TRUE(queue_->send(odd, odd));
  EXPECT_EQ(queue_->receive(1, seconds{30})->at(0).job_id, odd);
}

TEST_F(SqsFaults, a_missing_queue_is_told) {
  SqsQueue elsewhere(aws_.client, {.queue_url = url_ + "x"});
  EXPECT_EQ(elsewhere.send("a", "t").error().kind, ErrorKind::not_found);
}

TEST(Messages, name_their_job) {
  EXPECT_EQ(job_id_in_message(R"({"job_id":"a"})"), "a");
  for (const auto* foreign : {"", "a", "[]", "{}", R"({"job_id":7})", R"({"job_id":""})", "{\"job_id\":"})
    EXPECT_FALSE(job_id_in_message(foreign)) << foreign;
}

}  // namespace
}  // namespace aircheck::aws
