#include "aws/crc32c.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>

namespace aircheck::aws {
namespace {

// By the definition, a bit at a time.
std::uint32_t reference(ByteView bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const auto byte : bytes) {
    crc ^= std::to_integer<std::uint32_t>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78 : 0);
  }
  return ~crc;
}

TEST(Crc32c, is_the_published_one) {
  EXPECT_EQ(crc32c(as_bytes("123456789")), 0xE3069283U);
  EXPECT_EQ(crc32c({}), 0U);
  const std::array<std::string_view, 3> pieces{"1234", "", "56789"};
  EXPECT_EQ(crc32c_base64(pieces), "4waSgw==");
}

TEST(Crc32c, of_any_length_and_in_any_pieces_is_that_of_the_whole) {
  std::minstd_rand random(1);
  Bytes bytes(40'000);
  for (auto& byte : bytes) byte = static_cast<std::byte>(random() >> 8);
  const ByteView whole(bytes);
  for (const std::size_t length : {1U, 7U, 8U, 9U, 4'096U, 12'287U, 12'288U, 12'289U, 24'576U, 39'999U, 40'000U}) {
    const auto expected = reference(whole.first(length));
    EXPECT_EQ(crc32c(whole.first(length)), expected) << length;
    const auto cut = length / 3;
    EXPECT_EQ(crc32c(whole.subspan(cut, length - cut), crc32c(whole.first(cut))), expected) << length;
  }
}

}  // namespace
}  // namespace aircheck::aws
