#include "recorder/assembler.hpp"

#include <gtest/gtest.h>

#include <algorithm>

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

}  // namespace
}  // namespace aircheck::recorder
