#include "aws/ecs_event.hpp"

#include <fmt/core.h>
#include <gtest/gtest.h>

namespace aircheck::aws {
namespace {

std::string event(std::string_view source, std::string_view status, std::string_view overrides) {
  return fmt::format(
      R"({{"source":"{}","detail-type":"ECS Task State Change","detail":{{"lastStatus":"{}","overrides":{}}}}})",
      source, status, overrides);
}

constexpr std::string_view kRecorder =
    R"({"containerOverrides":[{"name":"sidecar"},{"name":"recorder","environment":[)"
    R"({"name":"AIRCHECK_JOB_ID","value":"a job"},{"name":"AIRCHECK_LEASE_OWNER","value":"a claim"}]}]})";

TEST(StoppedTask, is_told_with_its_job_and_claim) {
  const auto stopped = stopped_task(event("aws.ecs", "STOPPED", kRecorder));
  ASSERT_TRUE(stopped);
  EXPECT_EQ(stopped->job_id, "a job");
  EXPECT_EQ(stopped->lease_owner, "a claim");
}

TEST(StoppedTask, is_none_that_lives_or_is_not_ours) {
  EXPECT_FALSE(stopped_task(event("aws.ecs", "RUNNING", kRecorder)));
  EXPECT_FALSE(stopped_task(event("aws.events", "STOPPED", kRecorder)));
  for (const auto* overrides : {"null", "7", "{}", R"({"containerOverrides":{"a":1}})", R"({"containerOverrides":[7]})",
                                R"({"containerOverrides":[{"environment":[{"name":"AIRCHECK_JOB_ID","value":7}]}]})",
                                R"({"containerOverrides":[{"environment":[{"name":"AIRCHECK_JOB_ID","value":"x"}]}]})"})
    EXPECT_FALSE(stopped_task(event("aws.ecs", "STOPPED", overrides))) << overrides;
  for (const auto* text : {"", "{", "[]", "7", R"({"source":"aws.ecs"})"}) EXPECT_FALSE(stopped_task(text)) << text;
}

}  // namespace
}  // namespace aircheck::aws
