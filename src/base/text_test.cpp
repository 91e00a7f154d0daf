#include "base/text.hpp"

#include <gtest/gtest.h>

namespace aircheck {
namespace {

TEST(CutText, leaves_characters_whole) {
  EXPECT_EQ(cut_text("short", 10), "short");
  EXPECT_EQ(cut_text("abcdef", 4), "abcd");
  EXPECT_EQ(cut_text("aäöü", 4), "aä");
  EXPECT_EQ(cut_text("🎬🎬", 7), "🎬");
  EXPECT_EQ(cut_text("🎬", 3), "");
}

}  // namespace
}  // namespace aircheck
