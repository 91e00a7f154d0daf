#include "core/title_pattern.hpp"

#include <fmt/core.h>
#include <re2/re2.h>

namespace aircheck {
namespace {

constexpr std::size_t kLongestPattern = 200, kLongestTitle = 1'000;  // bytes
constexpr std::int64_t kMostMemory = 1 << 20;

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

Result<TitlePattern> TitlePattern::compile(std::string_view text) {
  if (text.size() > kLongestPattern)
    return fail(ErrorKind::invalid_input, fmt::format("a title's pattern has at most {} bytes", kLongestPattern));
  re2::RE2::Options options;
  options.set_case_sensitive(false);
  options.set_log_errors(false);
  options.set_max_mem(kMostMemory);
  options.set_never_capture(true);
  auto pattern = std::make_shared<const re2::RE2>(piece(text), options);
  if (!pattern->ok())
    return fail(ErrorKind::invalid_input,
                fmt::format("the title's pattern is no regular expression: {}", pattern->error()));
  return TitlePattern(std::move(pattern));
}

bool TitlePattern::matches(std::string_view title) const {
  return re2::RE2::PartialMatch(piece(title.substr(0, kLongestTitle)), *pattern_);
}

}  // namespace aircheck
