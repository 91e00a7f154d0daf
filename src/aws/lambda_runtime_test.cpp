#include "aws/lambda_runtime.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "net/test_server.hpp"

namespace aircheck::aws {
namespace {

const std::string kNext = "/2018-06-01/runtime/invocation/next";
const std::string kBase = "/2018-06-01/runtime/invocation/id-";

class LambdaRuntimeTest : public testing::Test {
 protected:
  // Three events, then the API is gone.
  LambdaRuntimeTest()
      : server_([](const std::string& target, int before) -> std::string {
          if (target != kNext) return "HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
          if (before == 3) return net::TestServer::status(500);
          const auto event = fmt::format("{{\"number\":{}}}", before);
          return fmt::format(
              "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id-{}\r\nLambda-Runtime-Deadline-Ms: 1795420800000\r\n"
              "Lambda-Runtime-Invoked-Function-Arn: arn\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}",
              before, event.size(), event);
        }) {}
  LambdaRuntime runtime(LambdaHandler handler) { return LambdaRuntime(server_.url("").substr(7), std::move(handler)); }
  net::TestServer server_;
};

TEST_F(LambdaRuntimeTest, serves_events_until_the_api_is_gone) {
  std::vector<Invocation> seen;
  auto loop = runtime([&](const Invocation& invocation) -> Result<std::string> {
    seen.push_back(invocation);
    if (seen.size() == 2) return fail(ErrorKind::invalid_input, "no");
    if (seen.size() == 3) throw std::runtime_error("oh");
    return "{}";
  });
  EXPECT_EQ(loop.run(), 1);
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[0].event, "{\"number\":0}");
  EXPECT_EQ(seen[0].request_id, "id-0");
  EXPECT_EQ(seen[0].function_arn, "arn");
  EXPECT_EQ(seen[0].deadline, Instant{milliseconds{1795420800000}});
  EXPECT_EQ(server_.asked(kBase + "0/response"), 1);
  EXPECT_EQ(server_.asked(kBase + "1/error"), 1);
  EXPECT_EQ(server_.asked(kBase + "2/error"), 1);
}

TEST_F(LambdaRuntimeTest, says_why_it_cannot_start) {
  auto loop = runtime({});
  EXPECT_EQ(loop.refuse({ErrorKind::invalid_input, "AIRCHECK_TABLE is not set"}), 1);
  EXPECT_EQ(server_.asked("/2018-06-01/runtime/init/error"), 1);
}

TEST(LambdaError, is_what_lambda_shows) {
  EXPECT_EQ(lambda_error({ErrorKind::not_found, "no \"such\""}),
            R"({"errorMessage":"no \"such\"","errorType":"not_found"})");
}

}  // namespace
}  // namespace aircheck::aws
