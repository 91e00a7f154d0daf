#pragma once
// Byte ranges and conditions (RFC 9110 §13, §14). Pure.

#include <cstdint>
#include <string_view>
#include <variant>

namespace aircheck::api {

struct WholeFile {};       // no range, several, or one that is not understood: the file as a whole
struct NotSatisfiable {};  // a range that begins behind the end
struct ByteRange {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

/// What the Range header asks of `size` bytes: "bytes=0-99", "bytes=100-", "bytes=-500".
std::variant<WholeFile, NotSatisfiable, ByteRange> parse_range(std::string_view header, std::uint64_t size);

/// Whether If-None-Match names `etag` (or is "*"); compares weakly.
bool matches_etag(std::string_view header, std::string_view etag);

}  // namespace aircheck::api
