#pragma once
// The syntax of title patterns: a text taken apart into a tree. Pure. See title_pattern.hpp for what is understood.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace aircheck {

/// Characters by their code points, upper and lower case being the same.
struct CharacterSet {
  std::vector<std::pair<char32_t, char32_t>> ranges;  // first and last
  bool negated = false;

  bool contains(char32_t c) const;
};

struct PatternNode {
  enum class Kind { set, begin, end, boundary, no_boundary, sequence, choice, repeat };
  static constexpr int kEndless = -1;

  Kind kind = Kind::sequence;
  CharacterSet set;                   // of a set
  std::vector<PatternNode> children;  // of a sequence or choice; the one of a repeat
  int least = 0, most = 0;            // of a repeat
};

/// `invalid_input` that says what is wrong with it.
Result<PatternNode> parse_title_pattern(std::string_view text);

/// UTF-8 taken apart; bytes that are none are U+FFFD.
std::u32string code_points(std::string_view text);
/// Letters and digits of all scripts, and "_".
bool is_word_character(char32_t c);

}  // namespace aircheck
