#include "aws/sigv4.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "aws/python_testing.hpp"
#include "base/json.hpp"

namespace aircheck::aws {
namespace {

using nlohmann::json;

Signable signable(const json& vector) {
  Signable out{.method = vector["method"],
               .host = vector["host"],
               .path = vector["path"],
               .query = vector["query"].get<Pairs>(),
               .headers = vector["headers"].get<Pairs>(),
               .payload_hash = {}};
  const auto body = vector["body"].get<std::string>();
  out.payload_hash = vector["unsigned"].get<bool>() ? std::string(kUnsignedPayload) : sha256_hex(as_bytes(body));
  return out;
}

std::string authorization(const Pairs& headers) {
  for (const auto& [name, value] : headers)
    if (name == "Authorization") return value;
  return {};
}

// The signature of a presigned URL: the order of its parameters is free, what they sign is not.
std::string signature_in(std::string_view url) {
  const auto at = url.find("X-Amz-Signature=");
  return std::string(url.substr(at, 16 + 64));
}

TEST(SigV4, signs_as_botocore_does) {
  std::istringstream vectors(output_of_python("sigv4_vectors.py 600 20261123"));
  int signed_count = 0, presigned_count = 0;
  for (std::string line; std::getline(vectors, line);) {
    const auto vector = json::parse(line);
    auto request = signable(vector);
    const Credentials credentials{vector["access_key"], vector["secret_key"], vector["token"], {}};
    const Scope scope{vector["region"], vector["service"]};
    const Instant now{seconds{vector["time"].get<std::int64_t>()}};
    ASSERT_EQ(authorization(sign(request, credentials, scope, now)), vector["authorization"].get<std::string>())
        << line;
    ++signed_count;
    if (!vector.contains("presigned")) continue;
    request.headers.clear();
    const auto url = presign(request, credentials, scope, now, seconds{vector["validity"].get<std::int64_t>()});
    ASSERT_EQ(signature_in(url), signature_in(vector["presigned"].get<std::string>())) << line;
    ++presigned_count;
  }
  EXPECT_EQ(signed_count, 600);
  EXPECT_GT(presigned_count, 200);
}

TEST(SigV4, sends_what_it_signs) {
  EXPECT_EQ(encode_path("/a b/é+%.mkv"), "/a%20b/%C3%A9%2B%25.mkv");
  EXPECT_EQ(encode_query({{"uploads", ""}, {"b", "/"}, {"a", "x y"}}), "a=x%20y&b=%2F&uploads=");
}

TEST(SigV4, a_token_is_sent_and_signed) {
  const Signable request{.method = "GET", .host = "h", .path = "/", .query = {}, .headers = {}, .payload_hash = "x"};
  const auto headers = sign(request, {"id", "secret", "token", {}}, {"r", "sqs"}, Instant{});
  EXPECT_NE(authorization(headers).find("SignedHeaders=host;x-amz-date;x-amz-security-token"), std::string::npos);
  EXPECT_NE(std::ranges::find(headers, std::pair<std::string, std::string>{"X-Amz-Security-Token", "token"}),
            headers.end());
}

}  // namespace
}  // namespace aircheck::aws
