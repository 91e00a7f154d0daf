#include "recorder/timeline.hpp"

#include <gtest/gtest.h>

namespace aircheck::recorder {
namespace {

// A piece of video whose first frame has the dts `begin`, 25 frames a second, pts two frames later.
capture::Piece piece(milliseconds begin, milliseconds length, bool discontinuity = false) {
  capture::Piece out;
  out.duration = length;
  out.discontinuity = discontinuity;
  for (milliseconds at{0}; at < length; at += milliseconds{40})
    out.media.packets.push_back({.track = 0,
                                 .key = at.count() == 0,
                                 .pts = begin + at + milliseconds{80},
                                 .dts = begin + at,
                                 .duration = milliseconds{40}});
  return out;
}

capture::Piece lost(milliseconds length, bool discontinuity = false) {
  capture::Piece out;
  out.lost = true;
  out.error = {ErrorKind::not_found, "the server answered 404"};
  out.duration = length;
  out.discontinuity = discontinuity;
  return out;
}

milliseconds ms(nanoseconds time) { return std::chrono::round<milliseconds>(time); }

TEST(Timeline, begins_at_zero_with_the_first_frame_shown) {
  Timeline timeline(1);
  const auto placed = timeline.place(0, piece(milliseconds{100'000}, milliseconds{2'000}));
  EXPECT_EQ(ms(placed.offset), milliseconds{-100'080});
  EXPECT_EQ(ms(placed.end), milliseconds{2'000});
}

TEST(Timeline, keeps_its_offset_while_the_clock_goes_on) {
  Timeline timeline(1);
  const auto first = timeline.place(0, piece(milliseconds{0}, milliseconds{2'000}));
  const auto second = timeline.place(0, piece(milliseconds{2'000}, milliseconds{2'000}));
  EXPECT_EQ(first.offset, second.offset);
  EXPECT_FALSE(second.gap);
}

// Another way to the stream: fewer tracks, another clock, and what was lost in between keeps its room.
TEST(Timeline, is_carried_over_to_another_way) {
  Timeline timeline(2);
  timeline.place(0, piece(milliseconds{100'000}, milliseconds{2'000}));
  timeline.lose(0, lost(milliseconds{2'000}));
  Timeline other(Timeline::carried_over(timeline.state(), 1));
  const auto placed = other.place(0, piece(milliseconds{5'000'000}, milliseconds{2'000}));
  EXPECT_EQ(ms(placed.offset + milliseconds{5'000'080}), milliseconds{4'000});
  ASSERT_TRUE(placed.gap);
  EXPECT_EQ(*placed.gap, (Gap{2'000, 4'000, "the server answered 404"}));
  EXPECT_EQ(ms(other.end()), milliseconds{6'000});
}

TEST(Timeline, gives_a_hole_the_bounds_that_the_timestamps_show) {
  Timeline timeline(1);
  timeline.place(0, piece(milliseconds{0}, milliseconds{2'000}));
  timeline.lose(0, lost(milliseconds{2'000}));
  const auto placed = timeline.place(0, piece(milliseconds{4'000}, milliseconds{2'000}));
  ASSERT_TRUE(placed.gap);
  EXPECT_EQ(*placed.gap, (Gap{2'000, 4'000, "the server answered 404"}));
  EXPECT_EQ(ms(placed.end), milliseconds{6'000});
}

capture::Piece lost_segments(std::uint64_t first, std::uint64_t last, std::uint64_t epoch = 3) {
  auto out = lost(milliseconds{2'000});
  out.missing = capture::SequenceRange{first, last};
  out.after = {.next_sequence = last + 1, .demux_state = {}, .rung = capture::Rung::fragments, .epoch = epoch};
  out.after.format_id = "140";
  return out;
}

TEST(Timeline, tells_which_segments_a_hole_stands_for) {
  Timeline timeline(2);
  timeline.place(1, piece(milliseconds{0}, milliseconds{2'000}));
  timeline.lose(1, lost_segments(7, 7));
  timeline.lose(1, lost_segments(8, 9));
  const auto placed = timeline.place(1, piece(milliseconds{6'000}, milliseconds{2'000}));
  ASSERT_TRUE(placed.gap);
  const MissingSegments wanted{.track = "audio", .format_id = "140", .epoch = 3, .first = 7, .last = 9};
  EXPECT_EQ(placed.gap->segments, wanted);
  timeline.lose(1, lost_segments(11, 11));
  EXPECT_EQ(timeline.close().at(0).segments->first, 11u) << "the hole before is told already";
}

TEST(Timeline, names_no_segments_where_they_are_no_run) {
  Timeline timeline(1);
  timeline.place(0, piece(milliseconds{0}, milliseconds{2'000}));
  timeline.lose(0, lost_segments(7, 7, 3));
  timeline.lose(0, lost_segments(0, 0, 4));
  EXPECT_FALSE(timeline.state().tracks[0].missing);
  timeline.lose(0, lost_segments(1, 1, 4));
  EXPECT_FALSE(timeline.close().at(0).segments) << "what came before it is missing too";
}

TEST(Timeline, rebases_a_clock_that_begins_anew_behind_a_discontinuity) {
  Timeline timeline(1);
  timeline.place(0, piece(milliseconds{500'000}, milliseconds{2'000}));
  const auto placed = timeline.place(0, piece(milliseconds{0}, milliseconds{2'000}, true));
  EXPECT_FALSE(placed.gap);
  EXPECT_EQ(ms(placed.end), milliseconds{4'000});
}

TEST(Timeline, leaves_room_for_what_was_lost_before_a_jump) {
  Timeline timeline(1);
  timeline.place(0, piece(milliseconds{500'000}, milliseconds{2'000}));
  timeline.lose(0, lost(milliseconds{2'000}, true));
  const auto placed = timeline.place(0, piece(milliseconds{0}, milliseconds{2'000}));
  ASSERT_TRUE(placed.gap);
  EXPECT_EQ(placed.gap->start_ms, 2'000);
  EXPECT_EQ(placed.gap->end_ms, 4'000);
}

TEST(Timeline, takes_a_clock_that_runs_back_without_a_word_for_a_jump) {
  Timeline timeline(1);
  timeline.place(0, piece(milliseconds{500'000}, milliseconds{2'000}));
  EXPECT_EQ(ms(timeline.place(0, piece(milliseconds{10'000}, milliseconds{2'000})).end), milliseconds{4'000});
}

TEST(Timeline, calls_a_broadcaster_s_pause_no_hole_but_keeps_its_room) {
  Timeline timeline(1);
  timeline.place(0, piece(milliseconds{0}, milliseconds{2'000}));
  const auto placed = timeline.place(0, piece(milliseconds{32'000}, milliseconds{2'000}));
  EXPECT_FALSE(placed.gap);
  EXPECT_EQ(ms(placed.end), milliseconds{34'000});
}

TEST(Timeline, calls_it_a_hole_when_a_segment_was_shorter_than_announced) {
  Timeline timeline(1);
  auto cut = piece(milliseconds{0}, milliseconds{1'000});
  cut.duration = milliseconds{2'000};
  timeline.place(0, cut);
  const auto placed = timeline.place(0, piece(milliseconds{2'000}, milliseconds{2'000}));
  ASSERT_TRUE(placed.gap);
  EXPECT_EQ(placed.gap->start_ms, 1'000);
  EXPECT_EQ(placed.gap->end_ms, 2'000);
}

// Half of what its playlist promised.
capture::Piece cut_segment(std::uint64_t number, milliseconds begin) {
  auto out = piece(begin, milliseconds{1'000});
  out.duration = milliseconds{2'000};
  out.after = {.next_sequence = number + 1, .demux_state = {}, .epoch = 2, .format_id = "96", .common_numbers = true};
  return out;
}

TEST(Timeline, tells_which_segment_was_shorter_than_announced) {
  Timeline timeline(1);
  timeline.place(0, cut_segment(7, milliseconds{0}));
  Timeline successor(timeline.state());
  const auto placed = successor.place(0, piece(milliseconds{2'000}, milliseconds{2'000}));
  ASSERT_TRUE(placed.gap);
  const MissingSegments wanted{.track = "muxed", .format_id = "96", .epoch = 2, .first = 7, .last = 7};
  EXPECT_EQ(*placed.gap, (Gap{1'000, 2'000, std::string(Timeline::kShortSegment), wanted}));
  EXPECT_FALSE(successor.place(0, piece(milliseconds{4'000}, milliseconds{2'000})).gap);
}

TEST(Timeline, tells_a_short_segment_together_with_lost_ones_behind_it) {
  Timeline timeline(1);
  timeline.place(0, cut_segment(7, milliseconds{0}));
  auto next = lost_segments(8, 9, 2);
  next.after.rung = capture::Rung::hls;
  next.after.common_numbers = true;
  next.after.format_id = "96";
  timeline.lose(0, next);
  const auto placed = timeline.place(0, piece(milliseconds{6'000}, milliseconds{2'000}));
  ASSERT_TRUE(placed.gap && placed.gap->segments);
  EXPECT_EQ(placed.gap->segments->first, 7u);
  EXPECT_EQ(placed.gap->segments->last, 9u);
}

TEST(Timeline, finds_a_hole_of_a_few_frames) {
  Timeline timeline(1);
  auto cut = piece(milliseconds{0}, milliseconds{1'520});
  cut.duration = milliseconds{2'000};
  timeline.place(0, cut);
  const auto placed = timeline.place(0, piece(milliseconds{2'000}, milliseconds{2'000}));
  ASSERT_TRUE(placed.gap);
  EXPECT_EQ(placed.gap->start_ms, 1'520);
}

TEST(Timeline, keeps_room_for_what_was_lost_at_the_very_beginning) {
  Timeline timeline(1);
  timeline.lose(0, lost(milliseconds{2'000}));
  const auto placed = timeline.place(0, piece(milliseconds{2'000}, milliseconds{2'000}));
  ASSERT_TRUE(placed.gap);
  EXPECT_EQ(placed.gap->start_ms, 0);
  EXPECT_EQ(placed.gap->end_ms, 2'000);
}

// Nobody knows yet how long a fragment is.
TEST(Timeline, takes_what_was_lost_at_the_beginning_to_be_as_long_as_what_follows) {
  Timeline timeline(2);
  for (int i = 0; i < 2; ++i) timeline.lose(0, lost(milliseconds{0}));
  const auto picture = piece(milliseconds{4'000}, milliseconds{2'000}),
             sound = piece(milliseconds{0}, milliseconds{2'000});
  const std::vector<Timeline::FirstPiece> firsts{{0, &picture}, {1, &sound}};
  timeline.begin_with(firsts);
  const auto placed = timeline.place(0, picture);
  ASSERT_TRUE(placed.gap);
  EXPECT_EQ(placed.gap->start_ms, 0);
  EXPECT_EQ(placed.gap->end_ms, 4'000);
  EXPECT_EQ(placed.gap->reason, "the server answered 404");
  EXPECT_FALSE(timeline.place(1, sound).gap);
}

TEST(Timeline, says_that_something_was_lost_though_nothing_tells_how_much) {
  Timeline timeline(1);
  timeline.lose(0, lost(milliseconds{0}));
  EXPECT_EQ(timeline.close().size(), 1u);
  EXPECT_TRUE(timeline.close().empty());
}

TEST(Timeline, one_jump_moves_both_tracks_by_the_same) {
  Timeline timeline(2);
  timeline.place(0, piece(milliseconds{0}, milliseconds{2'000}));
  timeline.place(1, piece(milliseconds{0}, milliseconds{2'000}));
  const auto video = timeline.place(0, piece(milliseconds{900'000}, milliseconds{2'000}, true));
  const auto audio = timeline.place(1, piece(milliseconds{900'000}, milliseconds{2'000}, true));
  EXPECT_EQ(video.offset, audio.offset);
}

TEST(Timeline, names_the_hole_at_the_very_end) {
  Timeline timeline(1);
  timeline.place(0, piece(milliseconds{0}, milliseconds{2'000}));
  timeline.lose(0, lost(milliseconds{2'000}));
  const auto gaps = timeline.close();
  ASSERT_EQ(gaps.size(), 1u);
  EXPECT_EQ(gaps[0].start_ms, 2'000);
  EXPECT_EQ(gaps[0].end_ms, 4'000);
}

}  // namespace
}  // namespace aircheck::recorder
