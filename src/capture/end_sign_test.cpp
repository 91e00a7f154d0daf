#include "capture/end_sign.hpp"

#include <gtest/gtest.h>

#include "net/test_server.hpp"

namespace aircheck::capture {
namespace {

std::string playlist(std::string_view segment, bool ended) {
  return net::TestServer::ok(
      fmt::format("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:7\n#EXTINF:1,\nfirst.ts\n#EXTINF:1,\n{}\n{}",
                  segment, ended ? "#EXT-X-ENDLIST\n" : ""));
}

// Looks once at what the origin answers.
std::optional<EndSign::End> look(const std::string& answer) {
  const net::TestServer server([&](auto&, int) { return answer; });
  net::Loop loop({});
  EndSign sign(loop);
  sign.look();
  EXPECT_EQ(loop.in_flight(), 0u) << "there is nothing to look into";
  sign.watch(Format{.url = server.url("/index.m3u8")});
  sign.look();
  sign.look();
  EXPECT_EQ(loop.in_flight(), 1u) << "one look at a time";
  while (loop.in_flight() > 0) loop.run_once(milliseconds{1'000});
  return sign.end();
}

TEST(EndSign, is_endlist) {
  EXPECT_FALSE(look(playlist("8.ts", false)));
  const auto end = look(playlist("8.ts", true));
  ASSERT_TRUE(end);
  EXPECT_EQ(end->end, 0u) << "the numbers are the playlist's own";
}

TEST(EndSign, tells_what_has_ended) {
  const auto end = look(playlist("videoplayback/id/live.3/live/1/sq/41/file/seg.ts", true));
  ASSERT_TRUE(end);
  EXPECT_EQ(end->epoch, 3u);
  EXPECT_EQ(end->end, 42u);
}

TEST(EndSign, is_nothing_that_cannot_be_read) {
  for (const int status : {403, 404, 500}) EXPECT_FALSE(look(net::TestServer::status(status))) << status;
  for (const auto* text : {"", "<html>", "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-ENDLIST\n",
                           "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv.m3u8\n"})
    EXPECT_FALSE(look(net::TestServer::ok(text))) << text;
}

TEST(EndSign, is_forgotten_when_more_has_come) {
  bool ended = true;
  const net::TestServer server([&](auto&, int) { return playlist("8.ts", ended); });
  net::Loop loop({});
  EndSign sign(loop);
  sign.watch(Format{.url = server.url("/index.m3u8")});
  const auto look = [&] {
    sign.look();
    while (loop.in_flight() > 0) loop.run_once(milliseconds{1'000});
  };
  look();
  ASSERT_TRUE(sign.end());
  look();
  EXPECT_EQ(server.asked("/index.m3u8"), 1) << "it has been seen";
  sign.forget();
  ended = false;
  look();
  EXPECT_FALSE(sign.end());
}

}  // namespace
}  // namespace aircheck::capture
