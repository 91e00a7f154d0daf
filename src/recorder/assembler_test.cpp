#include "recorder/assembler.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>

namespace aircheck::recorder {
namespace {

// A piece of one track: frames of 20 ms (sound) or 40 ms (picture).
capture::Piece piece(media::TrackKind kind, milliseconds begin, milliseconds length, std::uint64_t number,
                     bool discontinuity = false) {
  static const Bytes payload(1);
  const milliseconds frame{kind == media::TrackKind::audio ? 20 : 40};
  capture::Piece out;
  out.duration = length;
  out.discontinuity = discontinuity;
  out.after.next_sequence = number + 1;
  out.media.tracks.push_back({.kind = kind});
  for (milliseconds at{0}; at < length; at += frame)
    out.media.packets.push_back(
        {.track = 0, .key = true, .pts = begin + at, .dts = begin + at, .duration = frame, .data = payload});
  return out;
}

constexpr auto kPicture = media::TrackKind::video;
constexpr auto kSound = media::TrackKind::audio;

std::size_t sounds(const Batch& batch) {
  return static_cast<std::size_t>(std::ranges::count_if(
      batch.packets, [&](const auto& packet) { return batch.tracks[packet.track].kind == kSound; }));
}

// Takes all batches, and tells how much sound they had; the last of them is kept.
std::size_t drain(Assembler& assembler, std::optional<Batch>* last = nullptr) {
  std::size_t out = 0;
  while (auto batch = assembler.next()) {
    out += sounds(*batch);
    assembler.release();
    if (last) *last = std::move(batch);
  }
  return out;
}

// Not for sound that reaches beyond the picture.
TEST(Assembler, is_held_up_only_while_picture_is_in_hand) {
  Assembler assembler(2, {}, {});
  EXPECT_FALSE(assembler.holds_up(1));
  assembler.push(0, piece(kPicture, milliseconds{0}, milliseconds{1'000}, 0));
  EXPECT_TRUE(assembler.holds_up(1));
  assembler.push(1, piece(kSound, milliseconds{0}, milliseconds{1'100}, 0));
  EXPECT_FALSE(assembler.holds_up(1));
  drain(assembler);
  EXPECT_FALSE(assembler.empty());
  EXPECT_FALSE(assembler.holds_up(1));
  assembler.push(0, piece(kPicture, milliseconds{1'000}, milliseconds{1'000}, 1));
  EXPECT_TRUE(assembler.holds_up(1));
  EXPECT_FALSE(assembler.holds_up(0));
}

class LateSound : public testing::Test {
 protected:
  // Two seconds with sound, then `silent` seconds of picture alone.
  explicit LateSound(int silent = 3) {
    for (int i = 0; i < 2; ++i) {
      picture(i);
      sound(i);
    }
    heard_ = drain(assembler_);
    assembler_.leave(1);
    for (int i = 2; i < 2 + silent; ++i) picture(i);
    heard_ += drain(assembler_);
  }
  void picture(int second) { push(0, kPicture, second); }
  void sound(int second) { push(1, kSound, second); }
  std::vector<Gap> rest() {
    for (std::size_t track : {0u, 1u}) assembler_.close(track);
    while (auto batch = assembler_.next()) {
      heard_ += sounds(*batch);
      gaps_.insert(gaps_.end(), batch->gaps.begin(), batch->gaps.end());
      assembler_.release();
    }
    const auto last = assembler_.close_timeline();
    gaps_.insert(gaps_.end(), last.begin(), last.end());
    return gaps_;
  }

  Assembler assembler_{2, {}, {}};
  std::size_t heard_ = 0;
  std::vector<Gap> gaps_;

 private:
  void push(std::size_t track, media::TrackKind kind, int second) {
    const auto number = static_cast<std::uint64_t>(second);
    auto one = piece(kind, milliseconds{second * 1'000}, milliseconds{1'000}, number);
    one.after.rung = capture::Rung::fragments;
    assembler_.push(track, std::move(one));
  }
};

TEST_F(LateSound, does_not_hold_up_the_picture_once_it_was_left) {
  EXPECT_EQ(assembler_.end(), milliseconds{5'000});
  EXPECT_TRUE(assembler_.wants(1));
  EXPECT_FALSE(assembler_.holds_up(1));
}

TEST_F(LateSound, goes_on_in_its_place_and_what_is_too_late_is_told_by_number) {
  for (int i = 2; i < 6; ++i) sound(i);
  picture(5);
  EXPECT_EQ(
      rest(),
      (std::vector<Gap>{{2'000, 5'000, "its sound came after the picture had been written",
                         MissingSegments{.track = "audio", .format_id = {}, .epoch = 0, .first = 2, .last = 4}}}));
  EXPECT_EQ(heard_, 150u);
}

TEST_F(LateSound, holds_up_the_picture_again_when_it_is_back) {
  sound(2);
  picture(5);
  EXPECT_FALSE(assembler_.next());
  EXPECT_TRUE(assembler_.holds_up(1));
}

TEST_F(LateSound, that_never_comes_is_told_at_the_end) {
  EXPECT_EQ(rest(), (std::vector<Gap>{{2'000, 5'000, "no sound came"}}));
  EXPECT_EQ(heard_, 100u);
}

TEST_F(LateSound, is_too_late_for_a_successor_too) {
  std::optional<Batch> last;
  picture(5);
  drain(assembler_, &last);
  ASSERT_TRUE(last);
  Assembler next(2, last->positions, last->timeline);
  EXPECT_EQ(last->positions[1].position.next_sequence, 2u);
  auto late = piece(kSound, milliseconds{2'000}, milliseconds{1'000}, 2);
  auto good = piece(kSound, milliseconds{6'000}, milliseconds{1'000}, 6);
  next.push(1, std::move(late));
  next.push(0, piece(kPicture, milliseconds{6'000}, milliseconds{1'000}, 6));
  next.push(1, std::move(good));
  auto batch = next.next();
  ASSERT_TRUE(batch);
  EXPECT_EQ(sounds(*batch), 50u);
  ASSERT_EQ(batch->gaps.size(), 1u);
  EXPECT_EQ(batch->gaps[0].start_ms, 2'000);
  EXPECT_EQ(batch->gaps[0].end_ms, 6'000);
}

// A piece of sound that reaches beyond the picture is written in part; a clock that begins anew behind it must cost nothing.
TEST(Assembler, loses_no_sound_where_the_clock_begins_anew) {
  Assembler assembler(2, {}, {});
  assembler.push(0, piece(kPicture, milliseconds{50'000}, milliseconds{1'000}, 0));
  assembler.push(1, piece(kSound, milliseconds{50'000}, milliseconds{1'100}, 0));
  auto heard = drain(assembler);
  EXPECT_EQ(heard, 50u);
  assembler.push(0, piece(kPicture, milliseconds{0}, milliseconds{1'000}, 1, true));
  assembler.push(1, piece(kSound, milliseconds{0}, milliseconds{1'000}, 1, true));
  assembler.close(0);
  assembler.close(1);
  heard += drain(assembler);
  EXPECT_EQ(heard, 105u);
}

// Killed while sound beyond the picture was in hand, and the clock begins anew after it: both tracks must see that.
TEST(Assembler, goes_on_from_a_commit_before_a_clock_that_begins_anew) {
  std::optional<Batch> last;
  {
    Assembler assembler(2, {}, {});
    assembler.push(0, piece(kPicture, milliseconds{50'000}, milliseconds{1'000}, 0));
    assembler.push(1, piece(kSound, milliseconds{50'000}, milliseconds{1'100}, 0));
    EXPECT_EQ(drain(assembler, &last), 50u);
  }
  ASSERT_TRUE(last);
  ASSERT_TRUE(last->positions[1].skip_until);
  Assembler assembler(2, last->positions, last->timeline);
  assembler.push(1, piece(kSound, milliseconds{50'000}, milliseconds{1'100}, 0));
  assembler.push(0, piece(kPicture, milliseconds{0}, milliseconds{1'000}, 1, true));
  assembler.push(1, piece(kSound, milliseconds{0}, milliseconds{1'000}, 1, true));
  std::optional<Batch> next;
  EXPECT_GE(drain(assembler, &next), 50u);
  ASSERT_TRUE(next);
  EXPECT_GE(next->packets.front().pts, milliseconds{1'000});
}

// From two tracks to one that brings both: the sound that was written already does not come twice.
TEST(Assembler, drops_sound_that_another_way_brings_again) {
  std::optional<Batch> last;
  Assembler before(2, {}, {});
  before.push(0, piece(kPicture, milliseconds{0}, milliseconds{1'000}, 0));
  before.push(1, piece(kSound, milliseconds{0}, milliseconds{1'100}, 0));
  EXPECT_EQ(drain(before, &last), 50u);
  Assembler after(1, {}, Timeline::carried_over(last->timeline, 1));
  auto both = piece(kPicture, milliseconds{91'000}, milliseconds{1'000}, 1);
  const auto sound = piece(kSound, milliseconds{90'900}, milliseconds{1'000}, 1);
  both.media.tracks.push_back(sound.media.tracks.front());
  for (auto packet : sound.media.packets) {
    packet.track = 1;
    both.media.packets.push_back(packet);
  }
  after.push(0, std::move(both));
  EXPECT_EQ(drain(after), 45u);
}

// Back to two tracks: the sound begins a segment earlier, so that none is missing, and none comes twice.
TEST(Assembler, follows_the_picture_where_sound_begins_earlier) {
  std::optional<Batch> last;
  Assembler before(2, {}, {});
  before.push(0, piece(kPicture, milliseconds{0}, milliseconds{1'000}, 0));
  before.push(1, piece(kSound, milliseconds{0}, milliseconds{1'000}, 0));
  EXPECT_EQ(drain(before, &last), 50u);
  Assembler after(2, {}, Timeline::carried_over(last->timeline, 2));
  after.push(0, piece(kPicture, milliseconds{91'000}, milliseconds{1'000}, 1));
  after.push(1, piece(kSound, milliseconds{90'000}, milliseconds{1'000}, 0));
  after.push(1, piece(kSound, milliseconds{91'000}, milliseconds{1'000}, 1));
  EXPECT_EQ(drain(after, &last), 50u);
  EXPECT_EQ(last->packets.front().pts, milliseconds{1'000});
  EXPECT_EQ(last->end, milliseconds{2'000});
}

TEST(Assembler, repeats_no_sound_where_no_more_picture_comes) {
  std::optional<Batch> last;
  Assembler before(1, {}, {});
  auto both = piece(kPicture, milliseconds{0}, milliseconds{1'000}, 0);
  const auto sound = piece(kSound, milliseconds{0}, milliseconds{960}, 0);  // two frames late, as in a transport stream
  both.media.tracks.push_back(sound.media.tracks.front());
  for (auto packet : sound.media.packets) {
    packet.track = 1;
    both.media.packets.push_back(packet);
  }
  before.push(0, std::move(both));
  drain(before, &last);
  TrackPosition picture_from, sound_from;
  picture_from.position.next_sequence = 1;
  Assembler after(2, {picture_from, sound_from}, Timeline::carried_over(last->timeline, 2));
  after.push(1, piece(kSound, milliseconds{90'000}, milliseconds{1'000}, 0));
  after.close(0);
  after.close(1);
  EXPECT_EQ(drain(after, &last), 2u);
  EXPECT_EQ(last->packets.front().pts, milliseconds{960});
}

// A recording by another way, two seconds long, that is gone on with by one that has no numbers in common with it.
class Join : public testing::Test {
 protected:
  static capture::Piece second(int number, const char* payload = nullptr) {
    static std::array<std::string, 8> payloads;
    auto out = piece(kPicture, seconds{1'000 + number}, seconds{1}, static_cast<std::uint64_t>(number));
    for (auto& packet : out.media.packets) {
      auto& text = payloads.at(static_cast<std::size_t>(number));
      if (text.empty()) text = std::string(25, static_cast<char>('a' + number));
      const auto at = static_cast<std::size_t>((packet.pts - out.media.packets.front().pts) / milliseconds{40});
      packet.data = payload ? as_bytes(std::string_view(payload)) : as_bytes(text).first(at + 1);
    }
    return out;
  }
  static capture::Piece at(capture::Piece piece, nanoseconds after, bool sure) {
    piece.seam = capture::Seam{.after = after, .sure = sure};
    return piece;
  }

  void SetUp() override {
    Assembler before(1, {}, {});
    for (int i = 0; i < 2; ++i) {
      before.push(0, second(i));
      const auto batch = before.next();
      tail_.note(batch->packets, batch->tracks);
      state_ = batch->timeline;
      before.release();
    }
    assembler_.emplace(1, std::vector<TrackPosition>(1), Timeline::carried_over(state_, 1), &tail_);
  }

  // Begins of what is written, and the holes that were told meanwhile.
  std::vector<nanoseconds> written() {
    std::vector<nanoseconds> out;
    while (auto batch = assembler_->next()) {
      if (!batch->packets.empty()) out.push_back(batch->packets.front().pts);
      gaps_.insert(gaps_.end(), batch->gaps.begin(), batch->gaps.end());
      packets_ += batch->packets.size();
      assembler_->release();
    }
    return out;
  }

  WrittenTail tail_;
  Timeline::State state_;
  std::optional<Assembler> assembler_;
  std::vector<Gap> gaps_;
  std::size_t packets_ = 0;
};

TEST_F(Join, is_without_a_seam_where_the_content_shows_it) {
  for (int i = 0; i < 4; ++i) assembler_->push(0, at(second(i), seconds{i - 2}, false));
  EXPECT_EQ(written(), (std::vector<nanoseconds>{seconds{2}, seconds{3}}));
  EXPECT_TRUE(gaps_.empty());
  EXPECT_EQ(packets_, 50u) << "nothing twice";
}

TEST_F(Join, takes_what_is_new_of_a_segment_that_is_written_in_part) {
  auto longer = second(1);
  auto next = second(2);
  for (const auto& packet : next.media.packets) longer.media.packets.push_back(packet);
  assembler_->push(0, at(std::move(longer), -seconds{1}, false));
  EXPECT_EQ(written(), (std::vector<nanoseconds>{seconds{2}}));
  EXPECT_EQ(packets_, 25u);
}

TEST_F(Join, tells_a_hole_rather_than_to_write_anything_twice) {
  assembler_->push(0, at(second(4, "other"), -seconds{1}, false));
  assembler_->push(0, at(second(5, "other"), seconds{1}, false));
  EXPECT_TRUE(written().empty());
  EXPECT_FALSE(assembler_->next()) << "its position must not be noted: what was left out would count as recorded";
  assembler_->push(0, at(second(6, "other"), seconds{3}, true));
  EXPECT_EQ(written(), (std::vector<nanoseconds>{seconds{5}}));
  ASSERT_EQ(gaps_.size(), 1u);
  EXPECT_EQ(gaps_[0].start_ms, 2'000);
  EXPECT_EQ(gaps_[0].end_ms, 5'000);
}

TEST_F(Join, tells_what_was_left_out_when_nothing_more_comes) {
  assembler_->push(0, at(second(4, "other"), seconds{1}, false));
  assembler_->close(0);
  EXPECT_TRUE(written().empty());
  const auto gaps = assembler_->close_timeline();
  ASSERT_EQ(gaps.size(), 1u);
  EXPECT_EQ(gaps[0].start_ms, 2'000);
  EXPECT_EQ(gaps[0].end_ms, 4'000);
}

}  // namespace
}  // namespace aircheck::recorder
