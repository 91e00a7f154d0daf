// With programs of the shell in yt-dlp's place.
#include "capture/pipe_track.hpp"

#include <gmock/gmock.h>

#include "media/oracle_testing.hpp"

namespace aircheck::capture {
namespace {

using testing::HasSubstr;

constexpr std::string_view kStream =
    "-f lavfi -i testsrc2=size=320x180:rate=30:duration=4 -c:v libx264 -preset ultrafast -g 30 -keyint_min 30 "
    "-sc_threshold 0 a.ts";

class Pipe : public testing::Test {
 protected:
  media::OracleFolder folder_;
  net::Loop loop_{{}};
  std::unique_ptr<PipeTrack> track_;

  void begin(const std::string& script, std::optional<Position> from = {}) {
    track_ = std::make_unique<PipeTrack>(
        loop_, TrackOptions{}, [script] { return SubprocessOptions{.arguments = {"sh", "-c", script}}; },
        [this] { loop_.stop(); });
    track_->start({}, std::move(from));
  }
  // Everything until the program has come to its end.
  std::vector<Piece> all() {
    std::vector<Piece> out;
    for (;;) {
      while (auto piece = track_->next()) out.push_back(std::move(*piece));
      if (track_->health().stopped) return out;
      loop_.run();
    }
  }
  std::string play() const { return "cat " + folder_.file("a.ts").string(); }
  static std::size_t packets(const std::vector<Piece>& pieces) {
    std::size_t out = 0;
    for (const auto& piece : pieces) out += piece.media.packets.size();
    return out;
  }
};

TEST_F(Pipe, brings_pieces_that_begin_with_key_frames) {
  folder_.ffmpeg(kStream);
  begin(play());
  const auto pieces = all();
  ASSERT_EQ(pieces.size(), 4u);
  EXPECT_EQ(packets(pieces), 120u);
  for (const auto& piece : pieces) {
    EXPECT_FALSE(piece.lost);
    EXPECT_TRUE(piece.media.packets.front().key);
    EXPECT_EQ(piece.duration, seconds{1});
  }
  EXPECT_EQ(pieces.back().after.next_sequence, 4u);
  EXPECT_TRUE(track_->health().loaded);
}

TEST_F(Pipe, says_how_long_nothing_was_fetched) {
  folder_.ffmpeg(kStream);
  begin(play(), pipe_position(system_now() - seconds{60}, 7));
  const auto pieces = all();
  ASSERT_EQ(pieces.size(), 5u);
  EXPECT_TRUE(pieces[0].lost);
  EXPECT_NEAR(std::chrono::duration<double>(pieces[0].duration).count(), 59, 10);
  EXPECT_EQ(pieces[0].after.next_sequence, 7u);
  EXPECT_EQ(pieces[1].after.next_sequence, 8u);
}

TEST_F(Pipe, says_what_the_timestamps_pass_over) {
  folder_.ffmpeg(kStream);
  folder_.ffmpeg("-i a.ts -c copy -output_ts_offset 30 b.ts");
  begin(play() + "; cat " + folder_.file("b.ts").string());
  const auto pieces = all();
  ASSERT_EQ(pieces.size(), 9u);
  EXPECT_TRUE(pieces[4].lost);
  EXPECT_GT(pieces[4].duration, seconds{20});
}

TEST_F(Pipe, says_what_the_timestamps_pass_over_from_one_download_to_the_next) {
  folder_.ffmpeg(kStream);
  folder_.ffmpeg("-i a.ts -c copy -output_ts_offset 5 b.ts");  // ffmpeg begins each at 1.4 s
  begin(play());
  ASSERT_EQ(all().size(), 4u);
  std::filesystem::rename(folder_.file("b.ts"), folder_.file("a.ts"));
  track_->switch_url({}, {}, {});
  const auto pieces = all();
  ASSERT_EQ(pieces.size(), 5u) << "no clock has gone by in which a second could be lost";
  EXPECT_TRUE(pieces[0].lost);
  EXPECT_NEAR(std::chrono::duration<double>(pieces[0].duration).count(), 1, 0.1);
}

TEST_F(Pipe, goes_on_when_it_is_given_a_url_again) {
  folder_.ffmpeg(kStream);
  begin(play());
  EXPECT_EQ(packets(all()), 120u);
  track_->switch_url({}, {}, {});
  EXPECT_FALSE(track_->health().stopped);
  EXPECT_EQ(packets(all()), 120u);
}

TEST_F(Pipe, tells_why_nothing_comes) {
  begin("echo 'ERROR: [youtube] x: Sign in to confirm you are not a bot' >&2; exit 1");
  EXPECT_TRUE(all().empty());
  EXPECT_EQ(track_->health().trouble->kind, ErrorKind::bot_check);
  EXPECT_FALSE(track_->health().loaded);
}

TEST_F(Pipe, leaves_what_it_cannot_demux) {
  begin("printf 'FLV'; yes");
  EXPECT_TRUE(all().empty());
  EXPECT_EQ(track_->health().trouble->kind, ErrorKind::unsupported);
  EXPECT_THAT(track_->health().trouble->message, HasSubstr("MPEG-TS"));
}

TEST_F(Pipe, holds_no_more_than_it_may) {
  folder_.ffmpeg(kStream);
  auto options = TrackOptions{};
  options.hard_budget = 1;
  track_ = std::make_unique<PipeTrack>(
      loop_, options,
      [this] { return SubprocessOptions{.arguments = {"sh", "-c", "while :; do " + play() + "; done"}}; },
      [this] { loop_.stop(); });
  track_->start({}, {});
  loop_.run();
  loop_.run_once(milliseconds{100});
  const auto held = track_->health().pending;
  for (int i = 0; i < 20; ++i) loop_.run_once(milliseconds{5});
  EXPECT_EQ(track_->health().pending, held) << "it waits in the pipe";
}

}  // namespace
}  // namespace aircheck::capture
