#include "recorder/written_tail.hpp"

#include <gtest/gtest.h>

#include <string>

namespace aircheck::recorder {
namespace {

const std::vector<media::Track> kTracks{{.kind = media::TrackKind::video}, {.kind = media::TrackKind::audio}};

// A second of both tracks; payloads tell what is in them.
class Second {
 public:
  Second(const std::string& name, int number, nanoseconds begin) {
    payloads_.reserve(75);
    for (int i = 0; i < 75; ++i) {
      const bool picture = i < 25;
      payloads_.push_back(name.empty() ? "silence" : name + std::to_string(75 * number + i));
      const auto pts = begin + (picture ? milliseconds{40 * i} : milliseconds{20 * (i - 25)});
      packets_.push_back({.track = picture ? 0u : 1u, .pts = pts, .dts = pts, .data = as_bytes(payloads_.back())});
    }
  }
  const std::vector<media::Packet>& packets() const { return packets_; }

 private:
  std::vector<std::string> payloads_;
  std::vector<media::Packet> packets_;
};

WrittenTail written(const std::string& name, int seconds_written) {
  WrittenTail out;
  for (int i = 0; i < seconds_written; ++i) out.note(Second(name, i, seconds{i}).packets(), kTracks);
  return out;
}

TEST(WrittenTail, finds_a_segment_by_its_content) {
  const auto tail = written("a", 20);
  const auto found = tail.offset_of(Second("a", 18, seconds{5'000}).packets(), kTracks, nanoseconds{0});
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, seconds{18} - seconds{5'000});
}

TEST(WrittenTail, finds_nothing_that_was_not_written_or_long_ago) {
  const auto tail = written("a", 60);
  EXPECT_FALSE(tail.offset_of(Second("b", 58, seconds{58}).packets(), kTracks, nanoseconds{0}));
  EXPECT_FALSE(tail.offset_of(Second("a", 61, seconds{61}).packets(), kTracks, nanoseconds{0}));
  EXPECT_FALSE(tail.offset_of(Second("a", 20, seconds{20}).packets(), kTracks, nanoseconds{0}))
      << "only the last of it is kept";
  EXPECT_FALSE(WrittenTail{}.offset_of(Second("a", 20, seconds{20}).packets(), kTracks, nanoseconds{0}));
}

TEST(WrittenTail, does_not_guess_in_silence) {
  const auto tail = written("", 20);
  EXPECT_FALSE(tail.offset_of(Second("", 19, seconds{19}).packets(), kTracks, nanoseconds{0}));
}

TEST(WrittenTail, takes_the_nearest_where_a_loop_is_sent) {
  WrittenTail tail;
  for (int i = 0; i < 20; ++i) tail.note(Second("a", i % 8, seconds{i}).packets(), kTracks);
  for (const int round : {3, 11, 19})
    EXPECT_EQ(tail.offset_of(Second("a", 3, seconds{500}).packets(), kTracks, seconds{round - 499}),
              seconds{round - 500});
  EXPECT_FALSE(tail.offset_of(Second("a", 3, seconds{500}).packets(), kTracks, seconds{7 - 500})) << "either";
}

}  // namespace
}  // namespace aircheck::recorder
