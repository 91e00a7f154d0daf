// That a segment yields the same however it comes in. What it yields: ts_test.cpp.
#include "media/ts_unpacker.hpp"

#include <gtest/gtest.h>

#include <random>

#include "media/ts_testing.hpp"

namespace aircheck::media {
namespace {

struct Outcome {
  std::string state, error;
  std::size_t damage = 0;
  std::vector<Track> tracks;
  std::vector<std::tuple<std::uint32_t, bool, nanoseconds, nanoseconds, Bytes>> packets;
  bool operator==(const Outcome&) const = default;
};

Outcome finish(TsUnpacker& unpacker, TsState state) {
  Outcome out;
  const auto result = unpacker.finish(state);
  out.state = state.to_text();
  out.damage = state.damage;
  if (!result) {
    out.error = result.error().message;
    return out;
  }
  out.tracks = result->tracks;
  for (const auto& packet : result->packets)
    out.packets.emplace_back(packet.track, packet.key, packet.pts, packet.dts,
                             Bytes(packet.data.begin(), packet.data.end()));
  return out;
}

Outcome in_pieces(ByteView segment, const TsState& state, std::minstd_rand& random, std::size_t longest) {
  TsUnpacker unpacker(0);
  while (!segment.empty()) {
    const auto size = std::min<std::size_t>(segment.size(), random() % (longest + 1));
    unpacker.push(segment.first(size));
    segment = segment.subspan(size);
  }
  return finish(unpacker, state);
}

void expect_the_same_in_pieces(const Bytes& segment, const TsState& state = {}) {
  TsUnpacker whole(segment.size());
  whole.push(segment);
  const auto expected = finish(whole, state);
  std::minstd_rand random(7);
  for (const std::size_t longest : {1u, 7u, 187u, 188u, 189u, 376u, 377u, 1'000u, 20'000u})
    EXPECT_EQ(in_pieces(segment, state, random, longest), expected) << longest;
}

const Bytes kSegment = make_live_segment(3'000, 8);

TEST(TsUnpacker, yields_the_same_in_pieces) { expect_the_same_in_pieces(kSegment); }

TEST(TsUnpacker, yields_the_same_in_pieces_after_another_segment) {
  TsState state;
  ASSERT_TRUE(demux_ts(kSegment, state));
  expect_the_same_in_pieces(kSegment, state);
}

TEST(TsUnpacker, yields_the_same_in_pieces_of_what_is_damaged) {
  std::minstd_rand random(3);
  for (int round = 0; round < 40; ++round) {
    auto segment = kSegment;
    for (int i = 0; i < 3; ++i) {
      const auto at = segment.begin() + static_cast<std::ptrdiff_t>(random() % segment.size());
      const auto size = std::min<std::ptrdiff_t>(segment.end() - at, static_cast<std::ptrdiff_t>(random() % 500));
      switch (random() % 3) {
        case 0: segment.erase(at, at + size); break;
        case 1: segment.insert(at, static_cast<std::size_t>(size), kTsSync); break;
        default: segment.insert(at, static_cast<std::size_t>(size), std::byte{0x15}); break;
      }
    }
    expect_the_same_in_pieces(segment);
  }
}

TEST(TsUnpacker, yields_the_same_in_pieces_of_what_is_no_transport_stream) {
  expect_the_same_in_pieces(Bytes(5'000, std::byte{0x15}));
  expect_the_same_in_pieces({});
}

TEST(TsUnpacker, counts_what_came_in) {
  TsUnpacker unpacker(0);
  unpacker.push(ByteView(kSegment).first(100));
  unpacker.push(ByteView(kSegment).subspan(100));
  EXPECT_EQ(unpacker.bytes(), kSegment.size());
}

}  // namespace
}  // namespace aircheck::media
