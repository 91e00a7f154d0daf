#include "aws/ecs_launcher.hpp"

#include <gtest/gtest.h>

#include "aws/json_call.hpp"
#include "aws/moto_testing.hpp"
#include "aws/xml.hpp"
#include "base/json.hpp"
#include "core/job_samples_testing.hpp"

namespace aircheck::aws {
namespace {

using nlohmann::json;

class EcsLauncherTest : public testing::Test {
 protected:
  EcsLauncherTest() {
    const auto subnets = aws_.client.succeed({.service = "ec2",
                                              .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                                              .body = "Action=DescribeSubnets&Version=2016-11-15"});
    options_.subnets = {xml_text(subnets.value().text(), "subnetId").value()};
    ask("CreateCluster", {{"clusterName", options_.cluster}});
    const json container{{"name", "recorder"}, {"image", "aircheck"}, {"memoryReservation", 512}};
    ask("RegisterTaskDefinition", {{"family", options_.task_definition},
                                   {"networkMode", "awsvpc"},
                                   {"requiresCompatibilities", {"FARGATE"}},
                                   {"cpu", "256"},
                                   {"memory", "512"},
                                   {"containerDefinitions", json::array({container})}});
    job_.lease_owner = Moto::instance().fresh("owner");
  }
  json ask(const char* operation, const json& input) {
    const auto answer = json_of(aws_.client, kEcs, operation, input);
    if (!answer) throw std::runtime_error(answer.error().message);
    return *answer;
  }
  json tasks() { return ask("ListTasks", {{"cluster", options_.cluster}, {"startedBy", job_.id}})["taskArns"]; }

  MotoClient aws_;
  Job job_ = test_job(1);
  EcsOptions options_{.cluster = Moto::instance().fresh("cluster"),
                      .task_definition = Moto::instance().fresh("recorder"),
                      .subnets = {},
                      .security_groups = {}};
};

TEST_F(EcsLauncherTest, starts_a_task_that_knows_its_job) {
  EcsLauncher launcher(aws_.client, options_);
  const auto started = launcher.start(job_);
  ASSERT_TRUE(started) << started.error().message;
  ASSERT_EQ(tasks().size(), 1U);
  const auto task = ask("DescribeTasks", {{"cluster", options_.cluster}, {"tasks", tasks()}})["tasks"][0];
  const auto environment = task["overrides"]["containerOverrides"][0]["environment"];
  EXPECT_EQ(environment[0], (json{{"name", "AIRCHECK_JOB_ID"}, {"value", job_.id}}));
  EXPECT_EQ(environment[1], (json{{"name", "AIRCHECK_LEASE_OWNER"}, {"value", job_.lease_owner}}));
}

TEST_F(EcsLauncherTest, however_often_it_is_asked_there_is_one_task) {
  EcsLauncher launcher(aws_.client, options_);
  for (const auto* kind : {"lost", "500", "throttle"}) {
    Moto::instance().fail_next("RunTask", kind);
    ASSERT_TRUE(launcher.start(job_)) << kind;
    EXPECT_EQ(tasks().size(), 1U) << kind;
  }
}

TEST_F(EcsLauncherTest, without_capacity_it_says_so) {
  EcsLauncher launcher(aws_.client, options_);
  Moto::instance().fail_next("RunTask", "capacity");
  const auto started = launcher.start(job_);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().kind, ErrorKind::unavailable);
  EXPECT_NE(started.error().message.find("Capacity is unavailable"), std::string::npos);
  EXPECT_TRUE(tasks().empty());
}

TEST_F(EcsLauncherTest, without_room_on_spot_it_takes_fargate) {
  options_.spot = true;
  EcsLauncher launcher(aws_.client, options_);
  const auto capacity_of = [&] {
    const auto described = ask("DescribeTasks", {{"cluster", options_.cluster}, {"tasks", tasks()}});
    return described["tasks"][0].value("capacityProviderName", "");
  };
  ASSERT_TRUE(launcher.start(job_));
  EXPECT_EQ(capacity_of(), "FARGATE_SPOT");

  job_ = test_job(2);
  job_.lease_owner = Moto::instance().fresh("owner");
  Moto::instance().fail_next("RunTask", "capacity");
  ASSERT_TRUE(launcher.start(job_));
  ASSERT_EQ(tasks().size(), 1U);
  EXPECT_EQ(capacity_of(), "");
}

TEST_F(EcsLauncherTest, a_missing_task_definition_is_told) {
  auto options = options_;
  options.task_definition = "no-such-family";
  EXPECT_FALSE(EcsLauncher(aws_.client, options).start(job_));
}

TEST_F(EcsLauncherTest, tells_the_dead_from_the_living_and_the_unknown) {
  EcsLauncher launcher(aws_.client, options_);
  EXPECT_EQ(launcher.is_dead(job_), std::nullopt);
  ASSERT_TRUE(launcher.start(job_));
  EXPECT_EQ(launcher.is_dead(job_), false);
  ask("StopTask", {{"cluster", options_.cluster}, {"task", tasks()[0]}});
  EXPECT_EQ(launcher.is_dead(job_), true);
  auto next = job_;
  next.lease_owner = Moto::instance().fresh("owner");
  EXPECT_EQ(launcher.is_dead(next), std::nullopt);
  ASSERT_TRUE(launcher.start(next));
  EXPECT_EQ(launcher.is_dead(next), false);
}

TEST_F(EcsLauncherTest, asks_nothing_about_one_that_was_just_heard_of) {
  EcsLauncher launcher(aws_.client, options_);
  ASSERT_TRUE(launcher.start(job_));
  ask("StopTask", {{"cluster", options_.cluster}, {"task", tasks()[0]}});
  const auto now = aws_.client.now();
  job_.heartbeat_at = now - seconds{60};
  job_.lease_expires_at = now + seconds{90};
  EXPECT_EQ(launcher.is_dead(job_), std::nullopt);
  job_.heartbeat_at = now - seconds{80};
  job_.lease_expires_at = now + seconds{70};
  EXPECT_EQ(launcher.is_dead(job_), true);
}

}  // namespace
}  // namespace aircheck::aws
