#pragma once
// A journal as one text, for the fuzzer and its corpus.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace aircheck::recorder {

inline std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

}  // namespace aircheck::recorder
