#include "media/sniff.hpp"

#include <gtest/gtest.h>

#include "media/ts_testing.hpp"

namespace aircheck::media {
namespace {

TEST(Sniff, knows_transport_streams) {
  const auto segment = make_live_segment(500, 3);
  EXPECT_EQ(sniff(segment), Container::ts);
  EXPECT_EQ(sniff(ByteView(segment).first(100)), Container::ts);
  Bytes behind_garbage(50, std::byte{1});
  append(behind_garbage, segment);
  EXPECT_EQ(sniff(behind_garbage), Container::ts);
}

TEST(Sniff, knows_the_others_by_their_first_bytes) {
  EXPECT_EQ(sniff(as_bytes(std::string_view("\0\0\0\x18"
                                            "stypmsdh",
                                            12))),
            Container::fmp4);
  EXPECT_EQ(sniff(as_bytes(std::string_view("\0\0\0\x64"
                                            "moof",
                                            8))),
            Container::fmp4);
  EXPECT_EQ(sniff(as_bytes("\x1a\x45\xdf\xa3\x9f")), Container::webm);
  EXPECT_EQ(sniff(as_bytes(std::string_view("ID3\4\0\0\0\0\0\x3f", 10))), Container::packed_audio);
  EXPECT_EQ(sniff(make_adts(100)), Container::packed_audio);
  EXPECT_EQ(sniff(bytes_of({0xff, 0xfb, 0x90, 0x44, 0, 0, 0})), Container::packed_audio);
  EXPECT_EQ(sniff(as_bytes("\r\n<!DOCTYPE html>")), Container::html);
  EXPECT_EQ(sniff(as_bytes("\xef\xbb\xbf<?xml ")), Container::html);
}

TEST(Sniff, does_not_guess) {
  EXPECT_EQ(sniff({}), Container::unknown);
  EXPECT_EQ(sniff(as_bytes("not found")), Container::unknown);
  EXPECT_EQ(sniff(as_bytes("xG" + std::string(100, 'x'))), Container::unknown);
}

}  // namespace
}  // namespace aircheck::media
