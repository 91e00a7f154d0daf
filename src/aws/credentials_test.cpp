#include "aws/credentials.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "core/memory.hpp"

namespace aircheck::aws {
namespace {

class CredentialsTest : public testing::Test {
 protected:
  CredentialSource source() {
    return CredentialSource({.environment = [this](std::string_view name) -> std::optional<std::string> {
                               const auto found = variables_.find(std::string(name));
                               if (found == variables_.end()) return {};
                               return found->second;
                             },
                             .fetch = [this](const net::HttpRequest& request) -> Result<net::HttpResponse> {
                               asked_.push_back(request);
                               if (asked_.size() <= silent_) return fail(ErrorKind::timeout, "no answer");
                               const auto found = answers_.find(request.url);
                               if (found == answers_.end()) return fail(ErrorKind::unavailable, "nobody there");
                               net::HttpResponse response{.status = 200, .url = request.url, .headers = {}, .body = {}};
                               const auto bytes = as_bytes(found->second);
                               response.body.assign(bytes.begin(), bytes.end());
                               return response;
                             },
                             .clock = &clock_});
  }
  std::string keys(std::string_view name, seconds life) const {
    return R"({"AccessKeyId":")" + std::string(name) + R"(","SecretAccessKey":"s","Token":"t","Expiration":")" +
           to_rfc3339(clock_.now() + life) + "\"}";
  }

  ManualClock clock_;
  std::map<std::string, std::string> variables_{{"HOME", "/nowhere"}};
  std::map<std::string, std::string> answers_;
  std::vector<net::HttpRequest> asked_;
  std::size_t silent_ = 0;  // so many requests are not answered
};

TEST_F(CredentialsTest, the_environment_comes_first) {
  variables_["AWS_ACCESS_KEY_ID"] = "id";
  variables_["AWS_SECRET_ACCESS_KEY"] = "secret";
  variables_["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/x";
  auto env = source();
  EXPECT_EQ(env.get()->access_key, "id");
  EXPECT_TRUE(asked_.empty());
}

TEST_F(CredentialsTest, profiles_are_read_from_both_kinds_of_file) {
  constexpr std::string_view text =
      "# comment\n[default]\naws_access_key_id = A\naws_secret_access_key=B\n\n[profile other]\r\n"
      "aws_access_key_id = C\r\naws_secret_access_key = D=\r\naws_session_token = E\n[half]\naws_access_key_id=F\n";
  EXPECT_EQ(credentials_in_profile(text, "default")->access_key, "A");
  EXPECT_EQ(credentials_in_profile(text, "other")->secret_key, "D=");
  EXPECT_EQ(credentials_in_profile(text, "other")->session_token, "E");
  EXPECT_FALSE(credentials_in_profile(text, "half"));
  EXPECT_FALSE(credentials_in_profile(text, "none"));

  const auto file = std::filesystem::temp_directory_path() / ("aircheck-aws-profile-" + std::to_string(::getpid()));
  std::ofstream(file) << text;
  variables_["AWS_SHARED_CREDENTIALS_FILE"] = file.string();
  variables_["AWS_PROFILE"] = "other";
  auto files = source();
  EXPECT_EQ(files.get()->access_key, "C");
  std::filesystem::remove(file);
}

TEST_F(CredentialsTest, a_containers_credentials_are_renewed_before_they_expire) {
  variables_["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/v2/task";
  const std::string url = "http://169.254.170.2/v2/task";
  answers_[url] = keys("first", seconds{3600});
  auto container = source();
  EXPECT_EQ(container.get()->access_key, "first");
  EXPECT_EQ(container.get()->session_token, "t");
  EXPECT_EQ(asked_.size(), 1U);
  clock_.advance(seconds{3400});
  answers_[url] = keys("second", seconds{3600});
  EXPECT_EQ(container.get()->access_key, "second");
}

TEST_F(CredentialsTest, while_renewal_fails_the_old_ones_serve_to_their_end) {
  variables_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://127.0.0.1:9/creds";
  variables_["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "secret token";
  const std::string url = "http://127.0.0.1:9/creds";
  answers_[url] = keys("first", seconds{600});
  auto container = source();
  ASSERT_TRUE(container.get());
  EXPECT_EQ(asked_[0].headers.at(0), "Authorization: secret token");
  answers_.clear();
  clock_.advance(seconds{400});
  EXPECT_EQ(container.get()->access_key, "first");
  EXPECT_EQ(container.get()->access_key, "first");
  EXPECT_EQ(asked_.size(), 2U) << "the endpoint gets a pause";
  clock_.advance(seconds{200});
  EXPECT_EQ(container.get().error().kind, ErrorKind::unavailable);
}

TEST_F(CredentialsTest, a_container_that_has_none_yet_asks_again) {
  variables_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://localhost/creds";
  answers_["http://localhost/creds"] = keys("late", seconds{3600});
  silent_ = 3;
  auto container = source();
  EXPECT_EQ(container.get()->access_key, "late");
  EXPECT_EQ(asked_.size(), 4U);
  asked_.clear();
  silent_ = 100;
  auto another = source();
  EXPECT_EQ(another.get().error().kind, ErrorKind::timeout);
  EXPECT_EQ(asked_.size(), 4U);
}

TEST_F(CredentialsTest, refused_ones_are_asked_anew) {
  variables_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://localhost/creds";
  answers_["http://localhost/creds"] = keys("first", seconds{3600});
  auto container = source();
  const auto first = *container.get();
  answers_["http://localhost/creds"] = keys("second", seconds{3600});
  container.refused(first);
  EXPECT_EQ(container.get()->access_key, "second");
  container.refused(first);
  EXPECT_EQ(container.get()->access_key, "second");
  EXPECT_EQ(asked_.size(), 2U);
}

TEST_F(CredentialsTest, tokens_go_to_nobody_else) {
  variables_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://example.com/creds";
  auto container = source();
  EXPECT_EQ(container.get().error().kind, ErrorKind::unauthorized);
  EXPECT_TRUE(asked_.empty());
}

TEST_F(CredentialsTest, an_instance_is_asked_with_a_session_token) {
  const std::string base = "http://169.254.169.254/latest/";
  answers_[base + "api/token"] = "session";
  answers_[base + "meta-data/iam/security-credentials/"] = "role\n";
  answers_[base + "meta-data/iam/security-credentials/role"] = keys("instance", seconds{3600});
  auto instance = source();
  EXPECT_EQ(instance.get()->access_key, "instance");
  ASSERT_EQ(asked_.size(), 3U);
  EXPECT_EQ(asked_[0].method, "PUT");
  EXPECT_EQ(asked_[2].headers.at(0), "X-aws-ec2-metadata-token: session");
}

TEST_F(CredentialsTest, says_what_to_do_when_there_are_none) {
  variables_["AWS_EC2_METADATA_DISABLED"] = "true";
  auto none = source();
  const auto got = none.get();
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::unauthorized);
  EXPECT_NE(got.error().message.find("AWS_PROFILE"), std::string::npos);
  EXPECT_TRUE(asked_.empty());
}

}  // namespace
}  // namespace aircheck::aws
