#include "server/guard.hpp"

#include <gtest/gtest.h>

namespace aircheck::server {
namespace {

int refused(api::Headers headers, std::string method = "GET", bool has_token = false) {
  const auto reply = refuse({.method = std::move(method), .headers = std::move(headers)}, has_token);
  return reply ? reply->status : 0;
}

TEST(Guard, HostPort) {
  EXPECT_EQ(parse_host_port("LOCALHOST:80")->host, "localhost");
  EXPECT_EQ(parse_host_port("[::1]:80")->host, "::1");
  EXPECT_EQ(parse_host_port("[::1]:80")->port, "80");
  EXPECT_EQ(parse_host_port("host")->port, "");
  for (const auto* text : {"", ":80", "[::1", "a:b", "a:123456", "[]:1", "[::1]evil.com", "[::1]x:80"})
    EXPECT_FALSE(parse_host_port(text)) << text;
}

TEST(Guard, LoopbackNames) {
  for (const auto* host : {"localhost", "a.localhost", "127.0.0.1", "127.1.2.3", "::1"})
    EXPECT_TRUE(is_loopback_name(host)) << host;
  for (const auto* host :
       {"127.evil.com", "127.0.0.1.evil.com", "localhost.evil.com", "10.0.0.1", "evil.com", "127.0.0.1."})
    EXPECT_FALSE(is_loopback_name(host)) << host;
}

TEST(Guard, ForeignHostIsRebinding) {
  EXPECT_EQ(refused({{"host", "127.0.0.1:8470"}}), 0);
  EXPECT_EQ(refused({{"host", "evil.com:8470"}}), 421);
  EXPECT_EQ(refused({{"host", "127.0.0.1:1, evil.com"}}), 421);
  EXPECT_EQ(refused({}), 400);
}

TEST(Guard, ForeignOriginIsForgery) {
  const std::string host = "127.0.0.1:8470";
  EXPECT_EQ(refused({{"host", host}, {"origin", "http://127.0.0.1:8470"}}, "POST"), 0);
  for (const auto* origin : {"https://evil.com", "http://127.0.0.1:9999", "null", "https://127.0.0.1:8470"})
    EXPECT_EQ(refused({{"host", host}, {"origin", origin}}), 403) << origin;
  EXPECT_EQ(refused({{"host", host}, {"sec-fetch-site", "cross-site"}}, "POST"), 403);
  EXPECT_EQ(refused({{"host", host}, {"sec-fetch-site", "cross-site"}}), 0);
}

TEST(Guard, WithATokenTheTokenDecides) {
  EXPECT_EQ(refused({{"host", "aircheck.example"}, {"origin", "https://elsewhere.example"}}, "POST", true), 0);
}

TEST(Guard, OtherOriginsOnlyWhenListed) {
  const std::vector<std::string> origins{"https://mine.example"};
  api::Headers headers;
  complete_headers({.headers = {{"origin", "https://evil.example"}}}, origins, headers);
  EXPECT_FALSE(headers.contains("access-control-allow-origin"));
  EXPECT_EQ(headers["vary"], "Origin");
  complete_headers({.headers = {{"origin", "https://mine.example"}}}, origins, headers);
  EXPECT_EQ(headers["access-control-allow-origin"], "https://mine.example");
  EXPECT_TRUE(preflight({.method = "OPTIONS", .headers = {{"origin", "https://mine.example"}}}, origins));
  EXPECT_FALSE(preflight({.method = "OPTIONS", .headers = {{"origin", "https://evil.example"}}}, origins));
}

}  // namespace
}  // namespace aircheck::server
