// A user's pattern, which is the first line, and a stranger's title, which is the rest: it is told soon whether they match.
#include <cstdlib>

#include "base/bytes.hpp"
#include "core/title_pattern.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aircheck;
  const auto text = as_text(std::as_bytes(std::span(data, size)));
  const auto end = std::min(text.find('\n'), text.size());
  const auto title = text.substr(std::min(end + 1, text.size()));
  const auto pattern = TitlePattern::compile(text.substr(0, end));
  if (!pattern) return 0;
  if (pattern->matches(title) != pattern->matches(title.substr(0, 1'000))) std::abort();
  if (end == 0 && !pattern->matches(title)) std::abort();
  return 0;
}
