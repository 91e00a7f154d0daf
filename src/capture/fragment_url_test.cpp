#include "capture/fragment_url.hpp"

#include <gtest/gtest.h>

namespace aircheck::capture {
namespace {

constexpr std::string_view kQuery =
    "https://rr3---sn-x.googlevideo.com/videoplayback?expire=1&id=live0000001.2&itag=137&live=1&noclen=1&keepalive=yes";
constexpr std::string_view kPath =
    "https://rr3---sn-x.googlevideo.com/videoplayback/expire/1/id/live0000001.12/itag/137/live/1/noclen/1";

TEST(FragmentUrl, is_told_from_others) {
  EXPECT_TRUE(is_fragment_url(kQuery));
  EXPECT_TRUE(is_fragment_url(kPath));
  EXPECT_FALSE(is_fragment_url("https://rr3.googlevideo.com/videoplayback?id=abc&clen=5&itag=137"));
  EXPECT_FALSE(
      is_fragment_url("https://manifest.googlevideo.com/api/manifest/hls_playlist/live/1/playlist/index.m3u8"));
  EXPECT_FALSE(is_fragment_url("https://h/videoplayback?alive=1"));
  EXPECT_FALSE(is_fragment_url("https://h/videoplayback?live=1&sq=5"));
}

TEST(FragmentUrl, tells_the_epoch) {
  EXPECT_EQ(epoch_of(kQuery), 2u);
  EXPECT_EQ(epoch_of(kPath), 12u);
  EXPECT_EQ(epoch_of("https://h/videoplayback?id=live0000001&live=1"), 0u);
  EXPECT_EQ(epoch_of("https://h/videoplayback?id=live0000001.~x&live=1"), 0u);
}

TEST(FragmentUrl, gets_its_number) {
  EXPECT_TRUE(with_sequence(kQuery, 7).ends_with("&keepalive=yes&sq=7"));
  EXPECT_EQ(sequence_in(with_sequence(kQuery, 7)), 7u);
  EXPECT_EQ(sequence_in(with_sequence(kPath, 7) + "/goap/x/file/seg.ts"), 7u);
  EXPECT_EQ(sequence_in(kQuery), std::nullopt);
  EXPECT_TRUE(with_sequence(kPath, 7).ends_with("/noclen/1/sq/7"));
}

}  // namespace
}  // namespace aircheck::capture
