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

TEST(Trim, takes_blanks_off_both_ends) {
  EXPECT_EQ(trim("\t a b\r\n"), "a b");
  EXPECT_EQ(trim(" \n"), "");
  EXPECT_EQ(trim("\ta ", " "), "\ta");
}

TEST(Lower, changes_the_letters_of_ascii) { EXPECT_EQ(lower("AZ[@\xc4-Ä"), "az[@\xc4-Ä"); }

}  // namespace
}  // namespace aircheck
