#include "aws/client.hpp"

#include <gtest/gtest.h>

#include <map>

#include "aws/xml.hpp"
#include "core/memory.hpp"
#include "net/test_server.hpp"

namespace aircheck::aws {
namespace {

std::string answer(int status, const std::string& body, const std::string& headers = "") {
  return fmt::format("HTTP/1.1 {} Status\r\n{}Content-Length: {}\r\nConnection: close\r\n\r\n{}", status, headers,
                     body.size(), body);
}
std::string json_error(int status, const std::string& code) {
  return answer(status, R"({"__type":"com.amazonaws.dynamodb.v20120810#)" + code + R"(","message":"why"})");
}

class ClientTest : public testing::Test {
 protected:
  // A server that answers the n-th request with `answers[n]`, and the last one from then on.
  void serve(std::vector<std::string> answers) {
    server_ = std::make_unique<net::TestServer>([answers](const std::string&, int before) {
      return answers[std::min<std::size_t>(static_cast<std::size_t>(before), answers.size() - 1)];
    });
    variables_["AWS_ENDPOINT_URL"] = server_->url("");
    client_ = std::make_unique<Client>(source_, ClientOptions{.environment = environment(),
                                                              .clock = &clock_,
                                                              .attempts = 4,
                                                              .first_delay = milliseconds{1},
                                                              .first_throttled_delay = milliseconds{40},
                                                              .jitter = [this] {
                                                                ++waits_;
                                                                return 0.99;
                                                              }});
  }
  Environment environment() {
    return [this](std::string_view name) -> std::optional<std::string> {
      const auto found = variables_.find(std::string(name));
      if (found == variables_.end()) return {};
      return found->second;
    };
  }
  Result<Answer> call() { return client_->call({.service = "dynamodb", .body = "{}"}); }
  int asked() const { return server_->asked("/"); }

  ManualClock clock_;
  std::map<std::string, std::string> variables_{{"AWS_ACCESS_KEY_ID", "id"}, {"AWS_SECRET_ACCESS_KEY", "secret"}};
  CredentialSource source_{{.environment = environment(), .fetch = {}, .clock = &clock_}};
  std::unique_ptr<net::TestServer> server_;
  std::unique_ptr<Client> client_;
  int waits_ = 0;
};

TEST_F(ClientTest, gives_the_answer) {
  serve({answer(200, "{\"a\":1}")});
  const auto got = call();
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_TRUE(got->ok());
  EXPECT_EQ(got->text(), "{\"a\":1}");
  EXPECT_EQ(got->attempts, 1);
}

TEST_F(ClientTest, what_may_heal_is_tried_again) {
  for (const auto& bad : {answer(500, ""), answer(503, "<Error><Code>SlowDown</Code></Error>"),
                          json_error(400, "ThrottlingException"), std::string("HTTP/1.1 200 OK\r\nContent-Le")}) {
    serve({bad, bad, answer(200, "{}")});
    const auto got = call();
    ASSERT_TRUE(got) << got.error().message;
    EXPECT_TRUE(got->ok()) << bad;
    EXPECT_EQ(got->attempts, 3) << bad;
  }
}

TEST_F(ClientTest, what_cannot_heal_is_not) {
  serve({json_error(400, "ValidationException")});
  const auto got = call();
  ASSERT_TRUE(got);
  EXPECT_EQ(got->code, "ValidationException");
  EXPECT_EQ(got->message, "why");
  EXPECT_EQ(to_error(*got).kind, ErrorKind::invalid_input);
  EXPECT_EQ(asked(), 1);
}

TEST_F(ClientTest, gives_up_after_its_attempts) {
  serve({answer(500, "")});
  const auto got = call();
  ASSERT_TRUE(got);
  EXPECT_EQ(to_error(*got).kind, ErrorKind::unavailable);
  EXPECT_EQ(asked(), 4);
}

TEST_F(ClientTest, throttling_waits_longer) {
  serve({json_error(400, "ProvisionedThroughputExceededException"), answer(200, "{}")});
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_TRUE(call());
  EXPECT_GE(std::chrono::steady_clock::now() - begin, milliseconds{35});
  EXPECT_EQ(waits_, 1);
}

TEST_F(ClientTest, follows_the_servers_clock) {
  // Monday, eight hours after the test clock's begin.
  serve({answer(403, "<Error><Code>RequestTimeTooSkewed</Code></Error>", "Date: Mon, 23 Nov 2026 16:00:00 GMT\r\n"),
         answer(200, "{}")});
  const auto got = call();
  ASSERT_TRUE(got);
  EXPECT_TRUE(got->ok());
  EXPECT_EQ(client_->now() - clock_.now(), std::chrono::hours{8});
  EXPECT_EQ(waits_, 0);
}

TEST_F(ClientTest, a_wrong_secret_is_not_taken_for_a_wrong_clock) {
  serve({answer(403, "<Error><Code>SignatureDoesNotMatch</Code></Error>", "Date: Mon, 23 Nov 2026 08:00:01 GMT\r\n")});
  const auto got = call();
  ASSERT_TRUE(got);
  EXPECT_EQ(to_error(*got).kind, ErrorKind::unauthorized);
  EXPECT_EQ(asked(), 1);
}

TEST_F(ClientTest, refused_credentials_are_renewed_once_there_are_others) {
  serve({json_error(400, "ExpiredTokenException")});
  EXPECT_EQ(to_error(*call()).kind, ErrorKind::unauthorized);
  EXPECT_EQ(asked(), 1) << "the same keys would be refused again";
  serve({json_error(400, "ExpiredTokenException"), answer(200, "{}")});
  static_cast<void>(source_.get());
  variables_["AWS_SESSION_TOKEN"] = "fresh";
  EXPECT_TRUE(call()->ok());
  EXPECT_EQ(asked(), 2);
}

TEST_F(ClientTest, can_be_given_up) {
  serve({answer(500, "")});
  std::stop_source stop;
  stop.request_stop();
  const auto got = client_->call({.service = "dynamodb", .stop = stop.get_token()});
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::cancelled);
}

TEST_F(ClientTest, knows_where_services_are) {
  serve({""});
  variables_["AWS_REGION"] = "eu-central-1";
  variables_["AWS_ENDPOINT_URL_S3"] = "https://minio.example/";
  EXPECT_EQ(client_->endpoint("s3"), "https://minio.example");
  EXPECT_EQ(client_->endpoint("sqs"), server_->url(""));
  variables_.erase("AWS_ENDPOINT_URL");
  const Client real(source_, {.environment = environment()});
  EXPECT_EQ(real.endpoint("sqs"), "https://sqs.eu-central-1.amazonaws.com");
}

TEST(Xml, finds_elements_by_name) {
  constexpr std::string_view xml =
      "<?xml version=\"1.0\"?><R xmlns=\"x\"><Keys/><Key>a&amp;b</Key><P><N>1</N></P><P><N>2</N></P><Empty/></R>";
  EXPECT_EQ(xml_text(xml, "Key"), "a&b");
  EXPECT_EQ(xml_text(xml, "Empty"), "");
  EXPECT_FALSE(xml_text(xml, "None"));
  auto records = xml_records(xml, "P");
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[1]["N"], "2");
  EXPECT_FALSE(xml_text("<Key>torn", "Key"));
  EXPECT_EQ(xml_escape("<&\">"), "&lt;&amp;&quot;&gt;");
}

}  // namespace
}  // namespace aircheck::aws
