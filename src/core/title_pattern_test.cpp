#include "core/title_pattern.hpp"

#include <gtest/gtest.h>

#include <chrono>
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

TEST(TitlePattern, matches_as_a_regular_expression_does) {
  for (const auto& [pattern, title, expected] : {
           Sample{"", "anything", true},
           {"news", "The NEWS at ten", true},
           {"news", "The new show", false},
           {"^news", "The news", false},
           {"^the news$", "The News", true},
           {"news|weather", "Weather for today", true},
           {"(morning|evening) show", "Evening Show", true},
           {"(?:morning|evening) show", "Noon Show", false},
           {"(?i)abc", "ABC", true},
           {"a.c", "abc", true},
           {"a.c", "ac", false},
           {"ab*c", "ac", true},
           {"ab*c", "abbbc", true},
           {"ab+c", "ac", false},
           {"ab?c", "abbc", false},
           {"ab{2}c", "abbc", true},
           {"ab{2}c", "abc", false},
           {"ab{2,3}c", "abbbc", true},
           {"ab{2,3}c", "abbbbc", false},
           {"ab{2,}c", "abbbbbbc", true},
           {"ab{0,1}c", "ac", true},
           {"(ab)+?c", "ababc", true},
           {"(a|b|)c", "c", true},
           {"()*x", "x", true},
           {"(a*)*x", "aaax", true},
           {"[abc]x", "bx", true},
           {"[^abc]x", "bx", false},
           {"[^abc]x", "Dx", true},
           {"[a-f]x", "Ex", true},
           {"[]a]x", "]x", true},
           {"[a-]x", "-x", true},
           {"[\\d-]x", "7x", true},
           {"[\\D]x", "7x", false},
           {"[\\]]x", "]x", true},
           {"\\bday\\b", "Sunday", false},
           {"\\bday\\b", "a day!", true},
           {"\\Bday", "Sunday", true},
           {"ep\\.? ?\\d+", "Ep. 42", true},
           {"\\d\\s\\w", "1 x", true},
           {"\\W", "abc", false},
           {"\\(live\\)", "Now (LIVE)", true},
           {"ärger", "ÄRGER im Amt", true},
           {"новости", "НОВОСТИ", true},
           {"^.{2}$", "日本", true},
           {"[あ-ん]", "ひ", true},
           {"\\b日", "— 日本", true},
       })
    EXPECT_EQ(matches(pattern, title), expected) << pattern << " in " << title;
}

TEST(TitlePattern, says_what_is_wrong) {
  for (const auto* pattern :
       {"(",     ")",    "a)", "[",   "[a",     "[b-a]", "*",       "a**", "+a",    "a{2",  "a{3,2}", "a{101}",
        "a{,2}", "a{0}", "\\", "\\1", "\\p{L}", "(?=a)", "(?<n>a)", "^*",  "[\\q]", "[a\\", "{"}) {
    const auto compiled = TitlePattern::compile(pattern);
    ASSERT_FALSE(compiled) << pattern;
    EXPECT_EQ(compiled.error().kind, ErrorKind::invalid_input);
    EXPECT_GT(compiled.error().message.size(), 25U) << pattern;
  }
}

TEST(TitlePattern, bounds_length_depth_and_repetition) {
  EXPECT_TRUE(TitlePattern::compile(std::string(200, 'a')));
  EXPECT_FALSE(TitlePattern::compile(std::string(201, 'a')));
  EXPECT_FALSE(TitlePattern::compile(std::string(90, '(') + std::string(90, ')')));
  EXPECT_FALSE(TitlePattern::compile("((a{100}){100}){100}"));
  EXPECT_TRUE(TitlePattern::compile("(a{10}){100}"));
}

// Where one that tries all ways needs longer than the world has existed.
TEST(TitlePattern, takes_its_time_by_the_length_only) {
  const std::string title(1'000, 'a');
  const auto began = std::chrono::steady_clock::now();
  for (const auto* pattern : {"(a+)+$b", "(a|a)*b", "(a*)*b", "(.*)(.*)(.*)(.*)(.*)b", "((a?){30}){30}b"})
    EXPECT_FALSE(matches(pattern, title)) << pattern;
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds{20});
}

TEST(TitlePattern, takes_any_bytes) {
  for (const std::string title : {"\xff\xfe", "a\xc3", "\xe2\x82", "\xf4\x90\x80\x80", std::string("a\0b", 3).c_str()})
    EXPECT_TRUE(matches(".", title));
  EXPECT_TRUE(matches("^.$", "\xff"));
}

}  // namespace
}  // namespace aircheck
