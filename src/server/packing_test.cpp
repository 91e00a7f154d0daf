#include "server/packing.hpp"

#include <gtest/gtest.h>

#include <boost/beast/zlib/inflate_stream.hpp>
#include <random>

namespace aircheck::server {
namespace {

// What stands between gzip's head and its checksum.
std::string unpacked(const std::string& packed, std::size_t length) {
  namespace zlib = boost::beast::zlib;
  std::string text(length + 1, '\0');
  zlib::inflate_stream inflate;
  zlib::z_params params;
  params.next_in = packed.data() + 10;
  params.avail_in = packed.size() - 18;
  params.next_out = text.data();
  params.avail_out = text.size();
  boost::system::error_code end;
  inflate.write(params, zlib::Flush::sync, end);
  EXPECT_EQ(end, zlib::error::end_of_stream);
  text.resize(params.total_out);
  return text;
}

api::Response json(std::size_t size) {
  return {200, {{"content-type", "application/json"}, {"etag", "\"v1\""}}, std::string(size, 'x')};
}

TEST(Packing, IsGzip) {
  // printf 'aircheck' | gzip -n | tail -c 8 | xxd -p
  const auto packed = gzip("aircheck");
  EXPECT_EQ(packed.substr(0, 3), "\x1f\x8b\x08");
  EXPECT_EQ(packed.substr(packed.size() - 8), std::string("\xbe\x81\x0b\xdb\x08\0\0\0", 8));
}

TEST(Packing, BringsEveryTextBack) {
  std::mt19937 random(1);
  for (const std::size_t length : {0u, 1u, 999u, 65'536u, 300'000u}) {
    std::string noise(length, '\0'), plain(length, 'a');
    for (auto& byte : noise) byte = static_cast<char>(random());
    EXPECT_EQ(unpacked(gzip(noise), length), noise) << length;
    EXPECT_EQ(unpacked(gzip(plain), length), plain) << length;
  }
}

TEST(Packing, ForWhoTakesIt) {
  auto reply = json(5'000);
  pack({.headers = {{"accept-encoding", "gzip, deflate, br"}}}, reply);
  EXPECT_EQ(reply.headers.at("content-encoding"), "gzip");
  EXPECT_EQ(reply.headers.at("vary"), "Accept-Encoding");
  EXPECT_EQ(reply.headers.at("etag"), "W/\"v1\"");
  EXPECT_EQ(unpacked(std::get<std::string>(reply.body), 5'000), std::string(5'000, 'x'));
  for (const auto* coding : {"", "br", "gzip;q=0"}) {
    auto plain = json(5'000);
    pack({.headers = {{"accept-encoding", coding}}}, plain);
    EXPECT_FALSE(plain.headers.contains("content-encoding")) << coding;
    EXPECT_EQ(plain.headers.at("vary"), "Accept-Encoding") << coding;
    EXPECT_EQ(plain.headers.at("etag"), "\"v1\"") << coding;
  }
}

TEST(Packing, OnlyWhatGetsSmaller) {
  const api::Request request{.headers = {{"accept-encoding", "gzip"}}};
  auto little = json(999), picture = json(5'000), packed = json(5'000);
  picture.headers["content-type"] = "image/webp";
  packed.headers["content-encoding"] = "gzip";
  for (auto* reply : {&little, &picture, &packed}) {
    const auto before = std::get<std::string>(reply->body);
    pack(request, *reply);
    EXPECT_EQ(std::get<std::string>(reply->body), before);
    EXPECT_FALSE(reply->headers.contains("vary"));
  }
}

}  // namespace
}  // namespace aircheck::server
