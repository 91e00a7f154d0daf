#include "capture/seam.hpp"

#include <gmock/gmock.h>

namespace aircheck::capture {
namespace {

constexpr Instant kNow{std::chrono::milliseconds{1'795'706'772'066}};

// The newest has just been listed.
media::MediaPlaylist playlist(std::size_t segments, std::optional<nanoseconds> age = {}) {
  media::MediaPlaylist out{.target_duration = seconds{2}};
  for (std::size_t i = 0; i < segments; ++i) {
    media::MediaSegment segment{.sequence = i, .duration = seconds{2}};
    const auto begin = kNow - std::chrono::duration_cast<milliseconds>(age.value_or(nanoseconds{0})) -
                       seconds{2 * static_cast<int>(segments - i)};
    if (age) segment.program_date_time = begin;
    out.segments.push_back(std::move(segment));
  }
  return out;
}

std::size_t first_sure(const media::MediaPlaylist& playlist, Instant behind) {
  std::size_t out = 0;
  for (const auto& seam : seams_of(playlist, kNow, behind)) {
    if (seam.sure) return out;
    ++out;
  }
  return out;
}

TEST(Seam, tells_how_much_later_a_segment_was_broadcast) {
  const auto seams = seams_of(playlist(5), kNow, kNow - seconds{4});
  ASSERT_EQ(seams.size(), 5u);
  EXPECT_EQ(seams[0].after, -seconds{6});
  EXPECT_EQ(seams[3].after, seconds{0});
  EXPECT_EQ(seams[4].after, seconds{2});
}

TEST(Seam, is_sure_only_beyond_what_the_ways_may_differ_by) {
  EXPECT_EQ(first_sure(playlist(5), kNow), 5u) << "none yet";
  EXPECT_EQ(first_sure(playlist(10), kNow - seconds{10}), 8u);
  EXPECT_EQ(first_sure(playlist(10), kNow - std::chrono::hours{1}), 0u) << "all are new";
}

TEST(Seam, believes_dates_that_are_a_clock_on_the_wall) {
  EXPECT_EQ(first_sure(playlist(10, seconds{1}), kNow - seconds{8}), 7u);
  EXPECT_EQ(first_sure(playlist(10, seconds{3}), kNow - seconds{8}), 8u) << "made earlier, listed later";
  EXPECT_EQ(first_sure(playlist(10, std::chrono::hours{24}), kNow - seconds{8}), 9u) << "of yesterday";
  EXPECT_EQ(first_sure(playlist(10, -std::chrono::hours{24}), kNow - seconds{8}), 9u) << "of tomorrow";
}

TEST(Seam, counts_what_the_playlist_lists_beyond) {
  auto part = playlist(2);
  part.more = true;
  part.beyond = seconds{20};
  EXPECT_EQ(seams_of(part, kNow, kNow - seconds{24})[0].after, seconds{0});
}

}  // namespace
}  // namespace aircheck::capture
