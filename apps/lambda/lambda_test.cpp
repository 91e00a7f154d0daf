// What the Lambdas share: their settings, and AWS's events to and from what the core knows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/json.hpp"
#include "core/job_samples_testing.hpp"
#include "core/memory.hpp"
#include "dispatch/dispatcher.hpp"
#include "lambda/api_token.hpp"
#include "lambda/event_queue.hpp"
#include "lambda/gateway_event.hpp"
#include "lambda/wiring.hpp"

namespace aircheck::lambda {
namespace {

using nlohmann::json;
using testing::HasSubstr;

TEST(Settings, name_what_is_missing) {
  std::map<std::string, std::string> variables{{"AIRCHECK_TABLE", "t"}, {"AIRCHECK_QUEUE_URL", "q"}};
  const auto environment = [&](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(std::string(name));
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  EXPECT_THAT(settings_from(environment).error().message, HasSubstr("AIRCHECK_DEAD_LETTER_URL, AIRCHECK_BUCKET"));
  variables["AIRCHECK_DEAD_LETTER_URL"] = "d";
  variables["AIRCHECK_BUCKET"] = "b";
  variables["AIRCHECK_SUBNETS"] = "subnet-1,subnet-2";
  EXPECT_EQ(settings_from(environment)->ecs.subnets, (std::vector<std::string>{"subnet-1", "subnet-2"}));
}

TEST(GatewayEvent, becomes_a_request) {
  const auto request = request_from_event(
      R"({"httpMethod":"POST","path":"/jobs","headers":{"Authorization":"Bearer x","Content-Type":"application/json"},
          "multiValueQueryStringParameters":{"status":["PENDING","STARTED"],"search":["a b&c"]},"body":"{}",
          "isBase64Encoded":false})");
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->method, "POST");
  EXPECT_EQ(request->path, "/jobs");
  EXPECT_EQ(request->query, "search=a%20b%26c&status=PENDING&status=STARTED");
  EXPECT_EQ(request->headers.at("authorization"), "Bearer x");
  EXPECT_EQ(request->body, "{}");
}

TEST(GatewayEvent, that_is_none_is_refused) {
  for (const auto* event : {"", "[]", "{}", R"({"httpMethod":"GET"})", R"({"httpMethod":7,"path":"/"})",
                            R"({"httpMethod":"GET","path":"x"})"})
    EXPECT_FALSE(request_from_event(event)) << event;
  EXPECT_TRUE(
      request_from_event(R"({"httpMethod":"GET","path":"/","headers":null,"queryStringParameters":null,"body":null})"));
}

TEST(GatewayEvent, is_answered) {
  const auto text = json::parse(event_response({.status = 201, .headers = {{"a", "b"}}, .body = "x"}, false));
  EXPECT_EQ(text, (json{{"statusCode", 201}, {"headers", {{"a", "b"}}}, {"body", "x"}, {"isBase64Encoded", false}}));
  const auto head = json::parse(event_response({.body = api::RecordingRange{.key = "a.mkv", .length = 7}}, true));
  EXPECT_EQ(head["statusCode"], 200);
  EXPECT_EQ(head["headers"]["content-length"], "7");
  EXPECT_EQ(json::parse(event_response({.body = api::EventStream{}}, false))["statusCode"], 404);
}

TEST(GatewayEvent, is_readable_for_the_dashboard_alone) {
  api::Response response{.body = "x"};
  allow_origin(response, "");
  EXPECT_TRUE(response.headers.empty());
  allow_origin(response, "https://dashboard.example");
  EXPECT_EQ(response.headers.at("access-control-allow-origin"), "https://dashboard.example");
}

TEST(ApiToken, locks_until_it_is_set_and_follows_changes) {
  ManualClock clock;
  Result<std::string> stored = "unset";
  ApiToken token(clock, [&] { return stored; });
  EXPECT_EQ(token.get().error().kind, ErrorKind::unauthorized);
  stored = "first";
  EXPECT_EQ(token.get().value(), "first") << "nobody waits a minute for the first one";
  stored = "second";
  EXPECT_EQ(token.get().value(), "first");
  clock.advance(milliseconds{60'000});
  EXPECT_EQ(token.get().value(), "second");
  stored = fail(ErrorKind::unavailable, "throttled");
  clock.advance(milliseconds{60'000});
  EXPECT_EQ(token.get().value(), "second") << "what was known holds";
  stored = "unset";
  EXPECT_EQ(token.get().error().kind, ErrorKind::unauthorized) << "and it can be locked again";
}

TEST(ApiToken, is_never_empty) {
  ManualClock clock;
  aws::CredentialSource credentials;
  aws::Client client(credentials);
  ApiToken none(clock, token_source(client, {}));
  EXPECT_EQ(none.get().error().kind, ErrorKind::unauthorized);
  Settings settings;
  settings.token = "plain";
  EXPECT_EQ(ApiToken(clock, token_source(client, settings)).get().value(), "plain");
}

json record(const std::string& id, const std::string& body) {
  return {{"messageId", id},
          {"receiptHandle", "receipt " + id},
          {"body", body},
          {"attributes", {{"ApproximateReceiveCount", "3"}}}};
}

// Starts what it is told to, but for one job.
struct PickyLauncher final : Launcher {
  std::vector<std::string> started;
  Result<void> start(const Job& job) override {
    if (job.id == test_id(2)) return fail(ErrorKind::rate_limited, "ThrottlingException");
    started.push_back(job.id);
    return {};
  }
  std::optional<bool> is_dead(const Job&) override { return {}; }
  void nudge(const Job&) override {}
};

TEST(EventQueue, reports_what_was_not_done) {
  ManualClock clock;
  MemoryJobs jobs(clock);
  MemoryQueue real(clock);
  PickyLauncher launcher;
  for (const std::uint64_t number : {1U, 2U, 3U}) ASSERT_TRUE(jobs.create(test_job(number)));
  auto records = json::array({record("m0", "hello")});
  for (int i = 1; i <= 3; ++i)
    records.push_back(record("m" + std::to_string(i), json{{"job_id", test_id(static_cast<std::uint64_t>(i))}}.dump()));
  records.push_back(record("m4", json{{"job_id", test_id(1)}}.dump()));  // a duplicate
  records.push_back(record("m5", json{{"job_id", test_id(9)}}.dump()));  // a job that was deleted
  auto queue = EventQueue::from(json{{"Records", records}}.dump(), real);
  ASSERT_TRUE(queue);
  dispatch::Dispatcher dispatcher({.jobs = jobs, .queue = *queue, .launcher = launcher, .clock = clock}, {.batch = 2});
  while (dispatcher.step()->received > 0) {
  }
  EXPECT_EQ(launcher.started, (std::vector{test_id(1), test_id(3)}));
  EXPECT_EQ(json::parse(queue->failures()),
            (json{{"batchItemFailures", {{{"itemIdentifier", "m0"}}, {{"itemIdentifier", "m2"}}}}}));
  EXPECT_EQ(jobs.get(test_id(2))->status, JobStatus::pending) << "the claim was given back";
}

TEST(EventQueue, refuses_other_events) {
  ManualClock clock;
  MemoryQueue real(clock);
  for (const auto* event : {"", "{}", R"({"Records":{}})", R"({"Records":[1]})"})
    EXPECT_FALSE(EventQueue::from(event, real));
}

}  // namespace
}  // namespace aircheck::lambda
