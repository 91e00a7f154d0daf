// Any bytes as a pattern (the first line) and a title (the rest): refused, or matched within its bounds.
#include "base/bytes.hpp"
#include "core/title_pattern.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aircheck;
  const auto text = as_text(std::as_bytes(std::span(data, size)));
  const auto end = std::min(text.find('\n'), text.size());
  const auto pattern = TitlePattern::compile(text.substr(0, end));
  if (pattern) static_cast<void>(pattern->matches(text.substr(end)));
  return 0;
}
