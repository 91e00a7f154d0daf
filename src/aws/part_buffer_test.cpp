#include "aws/part_buffer.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace aircheck::aws {
namespace {

constexpr auto kBlock = PartBuffer::kBlockSize;

std::string text_of(const Pieces& pieces) {
  std::string text;
  for (const auto piece : pieces) text += piece;
  return text;
}

// `size` bytes, each differing from its neighbours of the next block.
std::string bytes(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 7 + i / kBlock);
  return text;
}

TEST(PartBuffer, lends_what_was_appended) {
  PartBuffer buffer;
  const auto whole = bytes(2 * kBlock + 5);
  buffer.append(as_bytes(whole));
  EXPECT_EQ(text_of(buffer.all()), whole);
  EXPECT_EQ(text_of(buffer.first(kBlock + 1)), whole.substr(0, kBlock + 1));
  EXPECT_EQ(size_of(buffer.all()), whole.size());
  EXPECT_TRUE(buffer.first(0).empty());
}

TEST(PartBuffer, what_is_lent_stays_where_it_is_while_more_comes) {
  PartBuffer buffer;
  buffer.append(as_bytes("some"));
  const auto lent = buffer.all();
  buffer.append(as_bytes(bytes(40 * kBlock)));
  EXPECT_EQ(lent.front().data(), buffer.all().front().data());
  EXPECT_EQ(text_of(lent), "some");
}

TEST(PartBuffer, a_part_leaves_and_its_memory_is_used_again) {
  PartBuffer buffer;
  buffer.append(as_bytes(bytes(3 * kBlock)));
  auto part = buffer.cut(3 * kBlock);
  EXPECT_TRUE(buffer.empty());
  EXPECT_TRUE(buffer.all().empty());
  const auto lent = part.all();
  buffer.recycle(std::move(part));
  buffer.append(as_bytes("next"));
  EXPECT_EQ(buffer.all().front().data(), lent.back().data());
}

// Against a string that does the same.
TEST(PartBuffer, is_a_string_whatever_is_done) {
  std::mt19937 random(1);
  const auto below = [&](std::size_t bound) { return std::uniform_int_distribution<std::size_t>(0, bound)(random); };
  PartBuffer buffer;
  std::string model;
  for (int i = 0; i < 500; ++i) {
    const auto count = below(3) == 0 ? model.size() / kBlock * kBlock : below(model.size());
    switch (below(5)) {
      case 0: {
        auto part = buffer.cut(count);
        ASSERT_EQ(text_of(part.all()), model.substr(0, count));
        ASSERT_EQ(part.size(), count);
        model.erase(0, count);
        if (below(1) == 0) buffer.recycle(std::move(part));
        break;
      }
      case 1:
        buffer.shorten(count);
        model.resize(count);
        break;
      default: {
        const auto more = bytes(below(kBlock));
        buffer.append(as_bytes(more));
        model += more;
      }
    }
    ASSERT_EQ(buffer.size(), model.size());
    ASSERT_EQ(text_of(buffer.first(model.size() / 2)), model.substr(0, model.size() / 2));
    ASSERT_EQ(text_of(buffer.all()), model);
  }
}

}  // namespace
}  // namespace aircheck::aws
