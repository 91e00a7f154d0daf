#include "core/video_page.hpp"

#include <fmt/core.h>
#include <gtest/gtest.h>

namespace aircheck {
namespace {

using State = VideoPage::State;

// As YouTube writes it: the player's words, and those of the page around it.
std::string page(std::string_view player, std::string_view data = "{}") {
  return fmt::format(
      "<html><script>ytcfg.set({{}});</script><script>var ytInitialPlayerResponse = {};</script>"
      "<script>var ytInitialData = {};</script></html>",
      player, data);
}

std::string with(std::string_view details, std::string_view broadcast = {}, std::string_view status = "OK") {
  auto player = fmt::format(R"({{"playabilityStatus":{{"status":"{}"}},"videoDetails":{{"videoId":"live0000001",)"
                            R"("title":"A \"title\" }}","author":"A channel"{}}})",
                            status, details);
  if (!broadcast.empty())
    player +=
        fmt::format(R"(,"microformat":{{"playerMicroformatRenderer":{{"liveBroadcastDetails":{{{}}}}}}})", broadcast);
  return page(player + "}");
}

TEST(VideoPage, tells_what_is_on_the_air) {
  const auto live = parse_video_page(with(R"(,"isLive":true,"isLiveContent":true)"));
  ASSERT_TRUE(live) << live.error().message;
  EXPECT_EQ(live->state, State::live);
  EXPECT_EQ(live->video_id, "live0000001");
  EXPECT_EQ(live->title, "A \"title\" }");
  EXPECT_EQ(live->channel, "A channel");
  for (const auto& [text, state] : {
           std::pair{with("", R"("isLiveNow":true)"), State::live},
           {with(R"(,"isUpcoming":true,"isLiveContent":true)"), State::upcoming},
           {with(R"(,"isLiveContent":true)", R"("isLiveNow":false,"startTimestamp":"2026-11-26T18:00:00+00:00")"),
            State::upcoming},
           {with("", "", "LIVE_STREAM_OFFLINE"), State::upcoming},
           {with(R"(,"isLiveContent":true)", R"("isLiveNow":false,"endTimestamp":"2026-11-26T18:00:00+00:00")"),
            State::over},
           {with(R"(,"isLiveContent":true)"), State::over},
           {with(""), State::over},  // an upload
       }) {
    const auto found = parse_video_page(text);
    ASSERT_TRUE(found) << text << found.error().message;
    EXPECT_EQ(found->state, state) << text;
  }
}

TEST(VideoPage, finds_a_broadcast_whose_player_tells_nothing) {
  constexpr auto kBot =
      R"({"playabilityStatus":{"status":"LOGIN_REQUIRED","reason":"Sign in to confirm you’re not a bot"}})";
  const auto found = parse_video_page(
      page(kBot, R"({"contents":[{"viewCount":{"videoViewCountRenderer":{"viewCount":{"runs":[]},"isLive":true}}}],)"
                 R"("currentVideoEndpoint":{"watchEndpoint":{"videoId":"live0000002"}}})"));
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->state, State::live);
  EXPECT_EQ(found->video_id, "live0000002");
  EXPECT_EQ(parse_video_page(page(kBot)).error().kind, ErrorKind::bot_check);
  EXPECT_EQ(
      parse_video_page(page(kBot, R"({"videoViewCountRenderer":{"viewCount":{"simpleText":"7 views"}}})")).error().kind,
      ErrorKind::bot_check)
      << "never taken for over where nobody said so";
}

TEST(VideoPage, says_what_is_hidden) {
  for (const auto& [status, reason, kind] :
       {std::tuple{"LOGIN_REQUIRED", "Private video", ErrorKind::private_video},
        {"LOGIN_REQUIRED", "Sign in to confirm your age", ErrorKind::login_required},
        {"ERROR", "Video unavailable", ErrorKind::not_found},
        {"UNPLAYABLE", "This is new", ErrorKind::no_resolver}}) {
    const auto player =
        fmt::format(R"({{"playabilityStatus":{{"status":"{}","reason":"{}"}},"videoDetails":{{}}}})", status, reason);
    EXPECT_EQ(parse_video_page(page(player)).error().kind, kind) << reason;
  }
}

TEST(VideoPage, refuses_what_shows_no_video) {
  for (const auto& text : {std::string{}, page("{}"), page("null"), page("{\"a\":"), page(std::string(100'000, '{')),
                           std::string("var ytInitialPlayerResponse = {"), page("{\"a\": \"\\")})
    EXPECT_EQ(parse_video_page(text).error().kind, ErrorKind::corrupt) << text.substr(0, 80);
  EXPECT_TRUE(parse_video_page(with(R"(,"isLive":true,"videoId":"../../etc/x")"))->video_id.empty());
}

}  // namespace
}  // namespace aircheck
