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
  for (const auto* odd : {"https://h/videoplayback?sq=&live=1", "https://h/videoplayback/sq//live/1/id/a.12/",
                          "https://h/videoplayback/live/1/sq"})
    EXPECT_FALSE(is_fragment_url(odd)) << odd << ": a number would stand behind another";
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

TEST(FragmentUrl, may_have_a_token) {
  EXPECT_TRUE(has_po_token(std::string(kQuery) + "&pot=Mzpx"));
  EXPECT_TRUE(has_po_token("https://manifest.googlevideo.com/api/manifest/hls_playlist/ei/x/pot/Mzpx/file/index.m3u8"));
  EXPECT_FALSE(has_po_token(kQuery));
  EXPECT_FALSE(has_po_token("https://h/videoplayback?spot=1&pot="));
}

TEST(FragmentUrl, tells_when_it_expires) {
  EXPECT_EQ(expiry_of(kQuery), Instant{seconds{1}});
  EXPECT_EQ(expiry_of(kPath), Instant{seconds{1}});
  EXPECT_EQ(expiry_of("https://manifest.googlevideo.com/api/manifest/hls_playlist/expire/1796000000/ei/x/index.m3u8"),
            Instant{seconds{1'796'000'000}});
  for (const auto* url : {"https://h/index.m3u8", "https://h/videoplayback?expire=soon", "https://h/x?expire=",
                          "https://h/x?expire=99999999999999999", "https://h/x?expire=99999999999999999999999"})
    EXPECT_EQ(expiry_of(url), std::nullopt) << url;
}

TEST(FragmentUrl, is_renewed_after_three_quarters_of_its_life) {
  const Instant now{seconds{1'796'000'000}};
  const milliseconds most{std::chrono::minutes{270}};
  const auto delay = [&](std::int64_t life) {
    return renewal_delay("https://h/videoplayback?expire=" + std::to_string(1'796'000'000 + life), now, most);
  };
  EXPECT_EQ(delay(8), milliseconds{6'000});
  EXPECT_EQ(delay(3'600), milliseconds{2'700'000});
  EXPECT_EQ(delay(6 * 3'600), most);
  EXPECT_EQ(delay(7 * 24 * 3'600), most);
  EXPECT_EQ(delay(0), most) << "the clocks differ";
  EXPECT_EQ(delay(-3'600), most) << "the clocks differ";
  EXPECT_EQ(renewal_delay("https://h/index.m3u8", now, most), most);
}

}  // namespace
}  // namespace aircheck::capture
