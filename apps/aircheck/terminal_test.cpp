#include "aircheck/terminal.hpp"

#include <gmock/gmock.h>

namespace aircheck::apps {
namespace {

using testing::ElementsAre;

TEST(DisplayWidth, CountsColumns) {
  EXPECT_EQ(display_width(""), 0u);
  EXPECT_EQ(display_width("abc"), 3u);
  EXPECT_EQ(display_width("größer"), 6u);
  EXPECT_EQ(display_width("東京"), 4u);
  EXPECT_EQ(display_width("🔴 live"), 7u);
  EXPECT_EQ(display_width("e\u0301"), 1u) << "a combining accent";
  EXPECT_EQ(display_width("\xff\xfe"), 2u) << "not UTF-8";
}

TEST(Shorten, KeepsWhatFits) {
  EXPECT_EQ(shorten("abc", 3), "abc");
  EXPECT_EQ(shorten("abcd", 3), "ab…");
  EXPECT_EQ(shorten("ab cd", 4), "ab…") << "no blank before the ellipsis";
  EXPECT_EQ(shorten("東京都", 5), "東京…");
  EXPECT_EQ(shorten("東京都", 4), "東…");
  EXPECT_EQ(shorten("abc", 0), "");
}

TEST(Printable, DisarmsControlCharacters) {
  EXPECT_EQ(printable("a\x1b[31mb\nc"), "a [31mb c");
  EXPECT_EQ(printable("a\u202eb"), "a b") << "right-to-left override";
  EXPECT_EQ(printable("a\xffz"), "a\xef\xbf\xbdz");
  EXPECT_EQ(printable("\xe6\x9d\xb1"), "東");
}

TEST(Wrap, BreaksAtBlanks) {
  EXPECT_THAT(wrap("one two three", 7), ElementsAre("one two", "three"));
  EXPECT_THAT(wrap("a verylongword b", 4), ElementsAre("a", "verylongword", "b"));
  EXPECT_THAT(wrap("", 10), ElementsAre(""));
}

TEST(Styled, OnlyWhereThereAreColours) {
  EXPECT_EQ(styled("x", Style::red, true), "\x1b[31mx\x1b[0m");
  EXPECT_EQ(styled("x", Style::red, false), "x");
  EXPECT_EQ(styled("x", Style::plain, true), "x");
}

}  // namespace
}  // namespace aircheck::apps
