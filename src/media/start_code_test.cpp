#include "media/start_code.hpp"

#include <gtest/gtest.h>

#include <random>

namespace aircheck::media {
namespace {

std::size_t find_slowly(ByteView bytes, std::size_t from) {
  for (auto at = from; at + 3 <= bytes.size(); ++at)
    if (bytes[at] == std::byte{0} && bytes[at + 1] == std::byte{0} && bytes[at + 2] == std::byte{1}) return at + 2;
  return kNoStartCode;
}

TEST(StartCode, is_found_at_any_place_of_any_length) {
  for (std::size_t size = 0; size < 70; ++size)
    for (std::size_t place = 0; place + 3 <= size; ++place) {
      Bytes bytes(size, std::byte{0xff});
      bytes[place] = bytes[place + 1] = std::byte{0};
      bytes[place + 2] = std::byte{1};
      ASSERT_EQ(find_start_code(bytes, 0), place + 2) << size;
      ASSERT_EQ(find_start_code(bytes, place), place + 2) << size;
      ASSERT_EQ(find_start_code(bytes, place + 1), kNoStartCode) << size;
    }
}

TEST(StartCode, is_found_as_by_the_plain_search) {
  std::minstd_rand random(1);
  for (int round = 0; round < 2'000; ++round) {
    Bytes bytes(random() % 300);
    for (auto& byte : bytes) byte = static_cast<std::byte>(random() % 3);  // full of near misses
    for (std::size_t from = 0; from < bytes.size() + 2; from += 1 + random() % 20)
      ASSERT_EQ(find_start_code(bytes, from), find_slowly(bytes, from));
  }
}

TEST(StartCode, is_not_in_what_is_too_short) {
  EXPECT_EQ(find_start_code({}, 0), kNoStartCode);
  EXPECT_EQ(find_start_code({}, 5), kNoStartCode);
  const Bytes two(2);
  EXPECT_EQ(find_start_code(two, 0), kNoStartCode);
}

}  // namespace
}  // namespace aircheck::media
