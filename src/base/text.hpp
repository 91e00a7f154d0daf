#pragma once
// Text from outside, kept within bounds. Pure.

#include <string_view>

namespace aircheck {

/// The first `most` bytes at most, without cutting a character of UTF-8 in two.
constexpr std::string_view cut_text(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  const auto continues = [&](std::size_t at) { return (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80; };
  while (most > 0 && continues(most)) --most;
  return text.substr(0, most);
}

}  // namespace aircheck
