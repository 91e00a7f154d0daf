#pragma once
// Which titles are wanted, as a regular expression. The common ground of all dialects: . [] [^] \d \s \w \b ^ $ | () (?:)
// * + ? {n,m}. It may match anywhere in a title, without regard to case. There are no back-references and no look-around,
// which is what makes the time for a title bounded by its length times that of the pattern: patterns come from users and
// titles from strangers. A value; matches() may be called from several threads at once.

#include <cstddef>
#include <string_view>
#include <vector>

#include "core/title_syntax.hpp"

namespace aircheck {

class TitlePattern {
 public:
  /// `invalid_input` that says what is wrong: it is no regular expression, longer than 200 bytes, or repeats too much.
  static Result<TitlePattern> compile(std::string_view text);

  /// Looks at the first 1,000 bytes of the title.
  bool matches(std::string_view title) const;

 private:
  enum class Op { set, split, jump, begin, end, boundary, no_boundary, match };
  struct Instruction {
    Op op = Op::match;
    CharacterSet set;               // what `set` takes
    std::size_t to = 0, other = 0;  // where jump and split go on
  };
  struct Threads;

  Result<void> emit(const PatternNode& node);
  Result<void> emit_choice(const PatternNode& node);
  Result<void> emit_repeat(const PatternNode& node);
  std::size_t add(Op op);
  void follow(Threads& threads, std::size_t from, const std::u32string& title, std::size_t place) const;

  std::vector<Instruction> program_;
};

}  // namespace aircheck
