#include "recorder/file_info.hpp"

#include <gmock/gmock.h>

namespace aircheck::recorder {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Pair;

// A file that begins five seconds into the recording and is twenty long.
JournalState some_state() {
  JournalState state;
  state.file = FileLine{.index = 1, .start = seconds{5}};
  state.file->begun_at = *from_rfc3339("2026-11-23T08:02:11Z");
  state.end = seconds{20};
  note_about(state, {{.title = "Morning show",
                      .channel = "Channel",
                      .url = "https://www.youtube.com/watch?v=abcdefghijk",
                      .video_id = "abcdefghijk",
                      .broadcast_at = from_rfc3339("2026-11-23T08:00:00Z")},
                     seconds{0}});
  return state;
}

TEST(FileInfo, tells_what_was_recorded) {
  const auto state = some_state();
  const auto info = growing_file_info(*state.file, state.about);
  EXPECT_EQ(info.title, "Morning show");
  EXPECT_EQ(info.date, state.file->begun_at);
  EXPECT_FALSE(info.duration);
  EXPECT_THAT(info.tags, Contains(Pair("TITLE", "Morning show")));
  EXPECT_THAT(info.tags, Contains(Pair("ARTIST", "Channel")));
  EXPECT_THAT(info.tags, Contains(Pair("PURL", "https://www.youtube.com/watch?v=abcdefghijk")));
  EXPECT_THAT(info.tags, Contains(Pair("DATE_RELEASED", "2026-11-23 08:00:00")));
  EXPECT_THAT(info.tags, Contains(Pair("DATE_RECORDED", "2026-11-23 08:02:11")));
  EXPECT_THAT(info.tags, Contains(Pair("VIDEO_ID", "abcdefghijk")));
  EXPECT_THAT(info.tags, Contains(Pair("ENCODER", testing::StartsWith("aircheck "))));
}

TEST(FileInfo, tells_dates_that_nanoseconds_cannot) {
  auto state = some_state();
  state.file->begun_at = *from_rfc3339("2538-12-13T23:15:10Z");
  EXPECT_THAT(growing_file_info(*state.file, state.about).tags, Contains(Pair("DATE_RECORDED", "2538-12-13 23:15:10")));
}

TEST(FileInfo, says_nothing_of_what_is_not_known) {
  const auto info = growing_file_info({}, {});
  EXPECT_FALSE(info.date);
  EXPECT_THAT(info.tags, ElementsAre(Pair("ENCODER", testing::_)));
}

TEST(FileInfo, cuts_what_is_too_long) {
  auto state = some_state();
  state.about.title = std::string(3'000, 'x');
  for (int i = 0; i < 1'000; ++i) state.gaps.push_back({6'000 + i, 6'001 + i, "404"});
  const auto info = finished_file_info(state, 1'000);
  std::size_t all = info.title.size();
  for (const auto& [name, value] : info.tags) all += value.size();
  EXPECT_LT(all, 8'000u);
  EXPECT_THAT(info.tags, Contains(Pair("MISSING", testing::HasSubstr("; and "))));
}

TEST(FileInfo, tells_on_the_file_s_clock_what_is_missing) {
  auto state = some_state();
  state.gaps = {{1'000, 2'000, "of the file before"}, {15'000, 17'500, "404"}, {20'000, 21'000, "403"}};
  EXPECT_THAT(finished_file_info(state, 1'000).tags,
              Contains(Pair("MISSING", "00:00:10.000-00:00:12.500 404; 00:00:15.000-00:00:16.000 403")));
  EXPECT_THAT(chapters_of(state), ElementsAre(media::Chapter{0, "start"}, media::Chapter{10'000, "missing: 404"},
                                              media::Chapter{12'500, "goes on"}, media::Chapter{15'000, "missing: 403"},
                                              media::Chapter{16'000, "goes on"}));
}

TEST(FileInfo, is_mended_when_holes_are_filled) {
  auto state = some_state();
  const std::vector<Gap> gaps{{7'000, 8'000, "404"}, {15'000, 17'500, "404"}}, left{{11'000, 12'000, "403"}};
  state.gaps = gaps;
  auto about = state.about;
  about.title = "News";
  note_about(state, {about, seconds{20}});
  auto info = finished_file_info(state, 1'000);
  const std::vector<Gap> before{{2'000, 3'000, "404"}, {10'000, 12'500, "404"}};  // on the file's clock
  mend_file_info(info, before, left);
  EXPECT_THAT(info.chapters, ElementsAre(media::Chapter{0, "Morning show"}, media::Chapter{11'000, "missing: 403"},
                                         media::Chapter{12'000, "goes on"}, media::Chapter{15'000, "News"}));
  EXPECT_THAT(info.tags, Contains(Pair("MISSING", "00:00:11.000-00:00:12.000 403")));
  mend_file_info(info, left, {});
  EXPECT_THAT(info.chapters, ElementsAre(media::Chapter{0, "Morning show"}, media::Chapter{15'000, "News"}));
  EXPECT_THAT(info.tags, testing::Not(Contains(Pair("MISSING", testing::_))));
}

TEST(FileInfo, mended_has_no_chapters_where_nothing_else_tells_of_any) {
  auto state = some_state();
  state.gaps = {{7'000, 8'000, "404"}};
  auto info = finished_file_info(state, 1'000);
  ASSERT_EQ(info.chapters.size(), 3u);
  mend_file_info(info, std::vector<Gap>{{2'000, 3'000, "404"}}, {});
  EXPECT_TRUE(info.chapters.empty());
}

TEST(Chapters, tell_of_other_titles) {
  auto state = some_state();
  EXPECT_TRUE(chapters_of(state).empty());
  auto about = state.about;
  note_about(state, {about, seconds{9}});  // nothing new
  EXPECT_TRUE(chapters_of(state).empty());
  about.title = "News";
  note_about(state, {about, seconds{15}});
  EXPECT_THAT(chapters_of(state), ElementsAre(media::Chapter{0, "Morning show"}, media::Chapter{10'000, "News"}));
  EXPECT_EQ(finished_file_info(state, 1'000).title, "News");
}

TEST(Chapters, of_a_file_that_begins_later_start_with_the_title_it_had_then) {
  auto state = some_state();
  auto about = state.about;
  about.title = "News";
  note_about(state, {about, seconds{3}});
  about.title = "Sports";
  note_about(state, {about, seconds{6}});
  EXPECT_THAT(chapters_of(state), ElementsAre(media::Chapter{0, "News"}, media::Chapter{1'000, "Sports"}));
}

}  // namespace
}  // namespace aircheck::recorder
