#include "aircheck/youtube_channels.hpp"

#include <gtest/gtest.h>

namespace aircheck::apps {
namespace {

using State = dispatch::Broadcast::State;

TEST(ToBroadcast, TellsWhatIsOnTheAir) {
  capture::Resolution resolution{.video_id = "live0000001", .title = "A title", .channel = "A channel"};
  for (const auto& [status, state] :
       {std::pair{capture::LiveStatus::is_live, State::live},
        std::pair{capture::LiveStatus::is_upcoming, State::upcoming},
        std::pair{capture::LiveStatus::post_live, State::over}, std::pair{capture::LiveStatus::was_live, State::over},
        std::pair{capture::LiveStatus::not_live, State::over}}) {
    resolution.live_status = status;
    const auto broadcast = to_broadcast(resolution);
    ASSERT_TRUE(broadcast);
    EXPECT_EQ(broadcast->state, state);
    EXPECT_EQ(broadcast->video_id, "live0000001");
    EXPECT_EQ(broadcast->title, "A title");
  }
}

TEST(ToBroadcast, GuessesNothing) {
  EXPECT_FALSE(to_broadcast({.video_id = "live0000001"}));
  EXPECT_FALSE(to_broadcast({.video_id = "../../etc/x", .live_status = capture::LiveStatus::is_live}));
}

TEST(YouTubeChannels, IsInterrupted) {
  YouTubeChannels channels({}, {});
  channels.interrupt();
  EXPECT_EQ(channels.feed("UC0123456789abcdefghijkl").error().kind, ErrorKind::cancelled);
  EXPECT_EQ(channels.broadcast("https://www.youtube.com/watch?v=live0000001").error().kind, ErrorKind::cancelled);
}

}  // namespace
}  // namespace aircheck::apps
