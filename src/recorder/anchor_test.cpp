#include "recorder/anchor.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace aircheck::recorder {
namespace {

using media::Packet;

// A second of sound from `begin`, each packet with a payload of its own that begins with `name`; where that is "silence", all
// are the same.
class Sound {
 public:
  Sound(std::string name, nanoseconds begin, int first = 0, int count = 47) {
    payloads_.reserve(static_cast<std::size_t>(count));
    for (int i = first; i < first + count; ++i) {
      payloads_.push_back(name == "silence" ? name : name + std::to_string(i));
      packets_.push_back({.track = 1, .key = true, .pts = begin + i * kFrame, .data = as_bytes(payloads_.back())});
    }
  }
  // As a file has it.
  Sound& rounded() {
    for (auto& packet : packets_) packet.pts = std::chrono::round<milliseconds>(packet.pts);
    return *this;
  }
  std::vector<Packet> packets() const { return packets_; }

 private:
  static constexpr nanoseconds kFrame{21'333'333};
  std::vector<std::string> payloads_;
  std::vector<Packet> packets_;
};

TEST(Anchor, is_found_by_what_is_the_same) {
  Sound file("a", seconds{5});
  const Sound segment("a", seconds{1'000'000}, 20, 10);
  const auto found = find_offset(file.rounded().packets(), segment.packets(), nanoseconds{0});
  ASSERT_TRUE(found);
  EXPECT_LT(std::chrono::abs(*found - (seconds{5} - seconds{1'000'000})), milliseconds{1});
}

TEST(Anchor, in_silence_is_the_nearest_to_where_it_is_expected) {
  const Sound file("silence", seconds{5}, 0, 200), segment("silence", seconds{0}, 0, 47);
  const nanoseconds wanted = seconds{5} + 60 * nanoseconds{21'333'333};
  const auto found = find_offset(file.packets(), segment.packets(), wanted + milliseconds{3});
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, wanted);
}

TEST(Anchor, is_not_found_in_another_stream) {
  const Sound file("a", seconds{5}), segment("b", seconds{5});
  EXPECT_FALSE(find_offset(file.packets(), segment.packets(), nanoseconds{0}));
  EXPECT_FALSE(find_offset({}, segment.packets(), nanoseconds{0}));
  EXPECT_FALSE(find_offset(file.packets(), {}, nanoseconds{0}));
}

TEST(Anchor, is_not_found_by_a_few_packets_that_happen_to_be_the_same) {
  const Sound file("a", seconds{5});
  const Sound segment("b", seconds{5}), same("a", seconds{5}, 3, 4);
  auto packets = segment.packets();
  for (const auto& packet : same.packets()) packets.push_back(packet);
  EXPECT_FALSE(find_offset(file.packets(), packets, nanoseconds{0}));
}

TEST(Anchor, tells_what_a_file_has) {
  const Sound file("a", seconds{5});
  const auto packets = file.packets();
  auto packet = packets[3];
  EXPECT_TRUE(is_in(packets, packet));
  packet.pts += milliseconds{5};
  EXPECT_FALSE(is_in(packets, packet)) << "the same at another time";
  packet = packets[3];
  packet.track = 0;
  EXPECT_FALSE(is_in(packets, packet));
}

TEST(Anchor, tells_what_a_file_has_at_a_packet_s_time) {
  const Sound file("a", seconds{5}), other("b", seconds{5});
  const auto packets = file.packets();
  auto packet = other.packets()[3];
  ASSERT_TRUE(packet_at(packets, packet));
  EXPECT_EQ(packet_at(packets, packet)->pts, packets[3].pts);
  packet.pts += milliseconds{5};
  EXPECT_FALSE(packet_at(packets, packet));
}

TEST(Anchor, knows_a_packet_that_came_cut_short) {
  const std::string whole(
      "\0\0\0\x20"
      "abcdefgh",
      12),
      cut("\0\0\0\x05"
          "abcde",
          9),
      other(
          "\0\0\0\x05"
          "vwxyz",
          9);
  const Packet packet{.data = as_bytes(whole)};
  EXPECT_TRUE(is_cut({.data = as_bytes(cut)}, packet));
  EXPECT_FALSE(is_cut({.data = as_bytes(other)}, packet));
  EXPECT_FALSE(is_cut(packet, packet)) << "it is whole";
}

}  // namespace
}  // namespace aircheck::recorder
