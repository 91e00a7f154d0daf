#include "api/range.hpp"

#include <algorithm>

#include "api/query.hpp"
#include "base/text.hpp"

namespace aircheck::api {

std::variant<WholeFile, NotSatisfiable, ByteRange> parse_range(std::string_view header, std::uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  header = trim(header);
  if (!header.starts_with(kUnit)) return WholeFile{};
  const auto range = trim(header.substr(kUnit.size()));
  const auto dash = range.find('-');
  // Several ranges would be a multipart answer, which no player asks for; to send everything is allowed.
  if (dash == std::string_view::npos || range.find(',') != std::string_view::npos) return WholeFile{};
  const auto first = parse_number(range.substr(0, dash)), last = parse_number(range.substr(dash + 1));
  if (dash == 0) {
    if (!last) return WholeFile{};
    if (*last == 0 || size == 0) return NotSatisfiable{};
    const auto length = std::min(*last, size);
    return ByteRange{size - length, length};
  }
  if (!first || (!last && dash + 1 != range.size()) || (last && *last < *first)) return WholeFile{};
  if (*first >= size) return NotSatisfiable{};
  const auto end = last ? std::min(*last, size - 1) : size - 1;
  return ByteRange{*first, end - *first + 1};
}

bool matches_etag(std::string_view header, std::string_view etag) {
  for (auto candidate : split(header, ',')) {
    if (candidate == "*") return true;
    if (candidate.starts_with("W/")) candidate.remove_prefix(2);
    if (candidate == etag) return true;
  }
  return false;
}

}  // namespace aircheck::api
