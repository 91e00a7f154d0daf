#include "recorder/journal.hpp"

#include <gtest/gtest.h>

namespace aircheck::recorder {
namespace {

TrackPosition through_a_line(TrackPosition position) {
  CommitLine line{.length = 5};
  line.positions.push_back(std::move(position));
  const std::vector<std::string> lines{to_line(line)};
  const auto state = read_journal(lines);
  EXPECT_TRUE(state) << state.error().message;
  return state ? state->positions.at(0) : TrackPosition{};
}

TEST(Journal, keeps_where_a_track_goes_on) {
  const TrackPosition fragments{{.next_sequence = 7,
                                 .demux_state = "x",
                                 .rung = capture::Rung::fragments,
                                 .epoch = 2,
                                 .format_id = "137",
                                 .common_numbers = true},
                                milliseconds{5}};
  EXPECT_EQ(through_a_line(fragments), fragments);
  const TrackPosition hls{{.next_sequence = 9, .demux_state = ""}, {}};
  EXPECT_EQ(through_a_line(hls), hls);
  const TrackPosition pipe{{.next_sequence = 3, .demux_state = "1795706772066:", .rung = capture::Rung::pipe}, {}};
  EXPECT_EQ(through_a_line(pipe), pipe);
}

TEST(Journal, keeps_what_is_recorded_and_its_attachments) {
  About about{.title = "A \"title\"", .channel = "C", .url = "http://h/", .video_id = "v"};
  std::vector<std::string> lines{to_line(FileLine{}), to_line(AboutLine{about, seconds{0}})};
  about.title = "another";
  about.broadcast_at = Instant{seconds{1'700'000'000}};
  lines.push_back(to_line(AboutLine{about, seconds{7}}));
  lines.push_back(to_line(AttachedLine{100, 250}));
  auto state = read_journal(lines);
  ASSERT_TRUE(state) << state.error().message;
  EXPECT_EQ(state->about, about);
  ASSERT_EQ(state->titles.size(), 2u);
  EXPECT_EQ(state->titles[1], (std::pair<nanoseconds, std::string>{seconds{7}, "another"}));
  EXPECT_EQ(state->attachments, 100u);
  EXPECT_EQ(state->length, 250u);
  lines.push_back(to_line(FileLine{.index = 1}));
  EXPECT_FALSE(read_journal(lines)->attachments) << "of the file before";
}

TEST(Journal, keeps_what_the_colours_are) {
  FileLine line;
  line.tracks = {{.codec = media::Codec::vp9}, {.kind = media::TrackKind::audio}};
  line.tracks[0].colour.set(9, 16, 9, false);
  line.tracks[0].colour.max_cll = 1'000;
  line.tracks[0].colour.mastering =
      media::Mastering{.chromaticities = {0.68, 0.32, 0.265, 0.69, 0.15, 0.06, 0.3127, 0.329}, .max_luminance = 1'000};
  const std::vector<std::string> lines{to_line(line)};
  const auto state = read_journal(lines);
  ASSERT_TRUE(state) << state.error().message;
  ASSERT_TRUE(state->file);
  EXPECT_EQ(state->file->tracks, line.tracks);
}

TEST(Journal, keeps_which_segments_are_missing) {
  const MissingSegments video{.track = "video", .format_id = "137", .epoch = 2, .first = 5, .last = 6};
  CommitLine line{.length = 5};
  line.new_gaps = {{1, 2, "404", video}, {3, 4, "disk full"}};
  line.timeline.tracks = {{.lost = seconds{1}, .unmeasured = 2, .reason = "404", .missing = video},
                          {.deficit = seconds{1}, .short_segment = video}};
  const std::vector<std::string> lines{to_line(line)};
  const auto state = read_journal(lines);
  ASSERT_TRUE(state) << state.error().message;
  EXPECT_EQ(state->gaps, line.new_gaps);
  EXPECT_EQ(state->timeline, line.timeline);
}

// Where the way to the stream is another, nothing has begun anew.
TEST(Journal, notes_a_seam_only_between_epochs_that_are_counted) {
  JournalState state;
  state.file = FileLine{};
  const auto go_on = [&](capture::Rung rung, std::uint64_t epoch) {
    const std::vector<TrackPosition> next{{{.rung = rung, .epoch = epoch}, {}}};
    note_seam(state, next);
    state.positions = next;
    return state.seams.size();
  };
  EXPECT_EQ(go_on(capture::Rung::fragments, 1), 0u);
  EXPECT_EQ(go_on(capture::Rung::fragments, 2), 1u);
  EXPECT_EQ(go_on(capture::Rung::pipe, 0), 1u);
  EXPECT_EQ(go_on(capture::Rung::fragments, 3), 1u);
}

// As versions wrote it that knew playlists only.
TEST(Journal, of_an_older_version_is_read) {
  const std::vector<std::string> lines{
      R"({"kind":"commit","length":5,"end":6,"positions":[{"next":12,"state":"s","skip":null}],)"
      R"("clock":{"tracks":[{"next":7,"end":1,"latest":2,"epoch":0,"lost":0,"jump":false,"deficit":5,"reason":""}],)"
      R"("offsets":[]},"cues":[],"gaps":[[1,2,"404"]]})"};
  const auto state = read_journal(lines);
  ASSERT_TRUE(state) << state.error().message;
  EXPECT_EQ(state->positions.at(0), (TrackPosition{{.next_sequence = 12, .demux_state = "s"}, {}}));
  EXPECT_EQ(state->gaps.at(0), (Gap{1, 2, "404"}));
  EXPECT_EQ(state->timeline->tracks.at(0).deficit, nanoseconds{5});
}

}  // namespace
}  // namespace aircheck::recorder
