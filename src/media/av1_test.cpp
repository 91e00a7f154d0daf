#include "media/av1.hpp"

#include <gtest/gtest.h>

#include "base/bytes_testing.hpp"

namespace aircheck::media {
namespace {

// Four bytes of av1C, then a metadata OBU with its size.
Bytes with_metadata(std::initializer_list<int> payload) {
  auto out = bytes({0x81, 0, 0, 0, 0x2a, static_cast<int>(payload.size())});
  for (const auto value : payload) out.push_back(static_cast<std::byte>(value));
  return out;
}

TEST(Av1Colour, has_light_levels_and_the_display) {
  const auto light = av1_colour(with_metadata({1, 0x03, 0xe8, 0x01, 0x90, 0x80}));
  EXPECT_EQ(light.max_cll, 1000u);
  EXPECT_EQ(light.max_fall, 400u);
  const auto display =
      av1_colour(with_metadata({2,    0xae, 0x14, 0x51, 0xec, 0x43, 0xd7, 0xb0, 0xa4, 0x26, 0x66, 0x0f, 0x5c,
                                0x50, 0x0d, 0x54, 0x39, 0,    3,    0xe8, 0,    0,    0,    0,    82,   0x80}));
  ASSERT_TRUE(display.mastering);
  EXPECT_NEAR(display.mastering->chromaticities[0], 0.68, 1e-4);
  EXPECT_NEAR(display.mastering->chromaticities[7], 0.329, 1e-4);
  EXPECT_NEAR(display.mastering->max_luminance, 1000, 1e-6);
  EXPECT_NEAR(display.mastering->min_luminance, 0.005, 1e-4);
}

TEST(Av1Colour, of_what_is_cut_off_or_missing_is_unknown) {
  EXPECT_EQ(av1_colour({}), Colour{});
  EXPECT_EQ(av1_colour(bytes({0x81, 0, 0, 0})), Colour{});
  EXPECT_EQ(av1_colour(bytes({0x81, 0, 0, 0, 0x0a, 11, 0})), Colour{}) << "longer than the record";
  EXPECT_EQ(av1_colour(bytes({0x81, 0, 0, 0, 0x0a, 2, 0, 0})), Colour{}) << "a header that ends too early";
  EXPECT_EQ(av1_colour(with_metadata({1, 0x03})), Colour{});
}

}  // namespace
}  // namespace aircheck::media
