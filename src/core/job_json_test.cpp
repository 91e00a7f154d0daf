#include "core/job_json.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"
#include "core/job_samples_testing.hpp"

namespace aircheck {
namespace {

TEST(JobJson, every_field_comes_back) {
  auto job = full_job(1);
  job.version = 7;
  const auto read = job_from_json_text(to_json_text(job));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, job);
}

TEST(JobJson, a_fresh_job_comes_back) {
  const auto job = test_job(1);
  const auto read = job_from_json_text(to_json_text(job));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, job);
}

TEST(JobJson, has_the_names_and_forms_that_are_promised) {
  const auto value = to_json(full_job(1));
  EXPECT_EQ(value["status"], "RECORDING");
  EXPECT_EQ(value["stop_requested"], "STOP");
  EXPECT_EQ(value["created_at"], "2026-11-23T08:00:01.000Z");
  EXPECT_EQ(value["expires_at"], 1'800'000'000);
  EXPECT_EQ(value["error"]["kind"], "bot_check");
  EXPECT_EQ(value["verdict"]["ended_by"], "user");
  EXPECT_EQ(value["gaps"][0]["reason"], "404");
  EXPECT_FALSE(value["gaps"][0].contains("segments"));
  EXPECT_EQ(value["gaps"][1]["segments"].dump(), R"({"epoch":2,"first":5,"format_id":"137","last":6,"track":"video"})");
  EXPECT_EQ(value["recordings"][0]["key"], "recordings/a.mkv");
  const auto fresh = to_json(test_job(1));
  EXPECT_TRUE(fresh["started_at"].is_null());
  EXPECT_TRUE(fresh["verdict"].is_null());
  EXPECT_TRUE(fresh["gaps"].empty() && fresh["gaps"].is_array());
}

TEST(JobJson, unknown_members_and_missing_ones_are_fine) {
  const auto job = job_from_json_text(R"({"id":"x","future":{"a":[1]},"title":null})");
  ASSERT_TRUE(job) << job.error().message;
  EXPECT_EQ(job->id, "x");
  EXPECT_EQ(job->status, JobStatus::pending);
}

TEST(JobJson, what_is_no_utf8_is_replaced) {
  auto job = test_job(1);
  job.title =
      "a\xff\xfe"
      "b";
  const auto read = job_from_json_text(to_json_text(job));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->title,
            "a\uFFFD\uFFFD"
            "b");
}

class OddJson : public testing::TestWithParam<std::string_view> {};

TEST_P(OddJson, is_corrupt) {
  const auto job = job_from_json_text(GetParam());
  ASSERT_FALSE(job);
  EXPECT_EQ(job.error().kind, ErrorKind::corrupt);
}

INSTANTIATE_TEST_SUITE_P(Forms, OddJson,
                         testing::Values("", "{", "[]", "null", "1", R"({"id":1})", R"({"status":"SLEEPING"})",
                                         R"({"status":1})", R"({"created_at":"yesterday"})", R"({"created_at":5})",
                                         R"({"bytes":-1})", R"({"bytes":1.5})", R"({"bytes":"1"})",
                                         R"({"attempt":99999999999})", R"({"gaps":{}})", R"({"gaps":[1]})",
                                         R"({"gaps":[{"start_ms":"x"}]})", R"({"gaps":[{"segments":{"first":-1}}]})",
                                         R"({"verdict":[]})", R"({"error":{"kind":3}})", R"({"from_start":"yes"})",
                                         R"({"stop_requested":"HALT"})", R"({"media_ms":18446744073709551615})"));

TEST(JobJson, a_text_of_brackets_does_not_exhaust_the_stack) {
  static_cast<void>(job_from_json_text(R"({"id":)" + std::string(1'000'000, '[')));
  static_cast<void>(job_from_json_text(std::string(1'000'000, '[') + std::string(1'000'000, ']')));
}

TEST(JobNames, all_come_back) {
  for (int i = 0; i < 8; ++i) {
    const auto status = static_cast<JobStatus>(i);
    EXPECT_EQ(job_status_from(to_string(status)), status);
    EXPECT_EQ(is_terminal(status) + is_active(status) + (status == JobStatus::pending) + (status == JobStatus::waiting),
              1);
  }
  EXPECT_FALSE(job_status_from("pending"));
  for (const auto request : {StopRequest::none, StopRequest::stop, StopRequest::cancel})
    EXPECT_EQ(stop_request_from(to_string(request)), request);
}

}  // namespace
}  // namespace aircheck
