#pragma once
// Which titles are wanted, as a regular expression of RE2's syntax (https://github.com/google/re2/wiki/Syntax). It may match
// anywhere in a title, without regard to case. RE2's time for a title is bounded by its length, whatever the pattern:
// patterns come from users and titles from strangers. A value; matches() may be called from several threads at once.

#include <memory>
#include <string_view>

#include "base/result.hpp"

namespace re2 {
class RE2;
}

namespace aircheck {

class TitlePattern {
 public:
  /// `invalid_input` that says what is wrong: it is no regular expression, longer than 200 bytes, or repeats too much.
  static Result<TitlePattern> compile(std::string_view text);

  /// Looks at the first 1,000 bytes of the title.
  bool matches(std::string_view title) const;

 private:
  explicit TitlePattern(std::shared_ptr<const re2::RE2> pattern) : pattern_(std::move(pattern)) {}

  std::shared_ptr<const re2::RE2> pattern_;
};

}  // namespace aircheck
