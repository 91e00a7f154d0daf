#include "core/title_pattern.hpp"

#include <gtest/gtest.h>

#include <string>

namespace aircheck {
namespace {

bool matches(std::string_view pattern, std::string_view title) {
  const auto compiled = TitlePattern::compile(pattern);
  EXPECT_TRUE(compiled) << pattern << ": " << (compiled ? "" : compiled.error().message);
  return compiled && compiled->matches(title);
}

struct Sample {
  std::string_view pattern, title;
  bool expected;
};

TEST(TitlePattern, matches_anywhere_and_without_regard_to_case) {
  for (const auto& [pattern, title, expected] : {
           Sample{"", "anything", true},
           {"news", "The NEWS at ten", true},
           {"news", "The new show", false},
           {"^news", "The news", false},
           {"^the news$", "The News", true},
           {"(morning|evening) show", "Evening Show", true},
           {"\\bday\\b", "Sunday", false},
           {"ep\\.? ?\\d+", "Ep. 42", true},
           {"\\(live\\)", "Now (LIVE)", true},
           {"ärger", "ÄRGER im Amt", true},
           {"новости", "НОВОСТИ", true},
           {"^.{2}$", "日本", true},
       })
    EXPECT_EQ(matches(pattern, title), expected) << pattern << " in " << title;
}

TEST(TitlePattern, says_what_is_wrong) {
  for (const auto* pattern : {"(", "[", "[b-a]", "*", "a{3,2}", "\\", "\\1", "(?=a)", "[a\\"}) {
    const auto compiled = TitlePattern::compile(pattern);
    ASSERT_FALSE(compiled) << pattern;
    EXPECT_EQ(compiled.error().kind, ErrorKind::invalid_input);
    EXPECT_GT(compiled.error().message.size(), 50U) << pattern;
  }
}

TEST(TitlePattern, bounds_length_and_repetition) {
  EXPECT_TRUE(TitlePattern::compile(std::string(200, 'a')));
  EXPECT_FALSE(TitlePattern::compile(std::string(201, 'a')));
  EXPECT_FALSE(TitlePattern::compile("((a{100}){100}){100}"));
}

// Where one that tries all ways needs longer than the world has existed.
TEST(TitlePattern, ends_whatever_the_pattern) {
  const std::string title(1'000, 'a');
  for (const auto* pattern : {"(a+)+$b", "(a|a)*b", "(a*)*b", "(.*)(.*)(.*)(.*)(.*)b", "((a?){30}){30}b"})
    EXPECT_FALSE(matches(pattern, title)) << pattern;
}

TEST(TitlePattern, takes_any_bytes) {
  for (const std::string& title : {std::string("a\xff\xfe"), std::string("a\xc3"), std::string("a\0b", 3)})
    EXPECT_TRUE(matches("^a", title));
}

}  // namespace
}  // namespace aircheck
