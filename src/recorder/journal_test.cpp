#include "recorder/journal.hpp"

#include <fmt/core.h>
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

class OddLine : public testing::TestWithParam<std::string> {};

TEST_P(OddLine, is_corrupt) {
  const std::vector<std::string> lines{GetParam()};
  EXPECT_EQ(read_journal(lines).error().kind, ErrorKind::corrupt);
}

std::string commit_line(std::string_view length, std::string_view epoch, std::string_view offset = "0") {
  return fmt::format(R"({{"kind":"commit","length":{},"end":6,"positions":[],"clock":{{"tracks":[{{"next":7,"end":1,)"
                     R"("latest":2,"epoch":{},"lost":0,"jump":false,"deficit":5,"reason":""}}],"offsets":[{}]}},)"
                     R"("cues":[],"gaps":[]}})",
                     length, epoch, offset);
}

std::string file_line(std::string_view codec, std::string_view bytes = "aB01") {
  return fmt::format(R"({{"kind":"file","index":0,"start":0,"uid":"","tracks":[{{"id":1,"kind":0,"codec":{},"private":)"
                     R"("{}","width":1,"height":1,"display_width":0,"display_height":0,"rate":0,"channels":0,)"
                     R"("default_duration":0,"codec_delay":0,"seek_preroll":0}}]}})",
                     codec, bytes);
}

TEST(Journal, of_these_forms_is_read) {
  const std::vector<std::string> lines{file_line("7"), commit_line("5", "0")};
  const auto state = read_journal(lines);
  ASSERT_TRUE(state) << state.error().message;
  EXPECT_EQ(state->file->tracks[0].codec_private, (Bytes{std::byte{0xab}, std::byte{1}}));
}

INSTANTIATE_TEST_SUITE_P(Forms, OddLine,
                         testing::Values("hello", R"({"kind":"commit"})", commit_line("-1", "0"),
                                         commit_line("5.5", "0"), commit_line("1e300", "0"), commit_line("5", "-1"),
                                         commit_line("5", "1"), commit_line("5", "4294967296"),
                                         commit_line("5", "0", "4611686018427387904"), file_line("8"), file_line("-1"),
                                         file_line("0", "abc"), file_line("0", "0x"), file_line("0", "zz"),
                                         R"({"kind":"about","title":"","channel":"","url":"","video_id":"","at":0,)"
                                         R"("broadcast_at":9223372036854775807})"));

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
