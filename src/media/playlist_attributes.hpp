#pragma once
// Attribute lists of HLS tags (RFC 8216 §4.2): NAME=value,NAME="quoted". Borrow the tag's text. Pure.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace aircheck::media {

class AttributeList {
 public:
  /// Reads as far as the text makes sense; what follows a fault is ignored.
  explicit AttributeList(std::string_view text);

  /// The value without its quotes; nothing where the attribute is absent. Of several the first counts.
  std::optional<std::string_view> find(std::string_view name) const;
  /// The value, or "" where it is absent.
  std::string_view get(std::string_view name) const { return find(name).value_or(std::string_view{}); }
  std::uint64_t integer(std::string_view name) const;  // 0 where absent or none
  bool yes(std::string_view name) const { return get(name) == "YES"; }

 private:
  struct Attribute {
    std::string_view name, value;
  };
  std::vector<Attribute> attributes_;
};

/// A decimal integer without sign, the whole text; nothing for anything else.
std::optional<std::uint64_t> decimal_integer(std::string_view text);
/// "6.006" in seconds, to the nanosecond; nothing for anything else, negative or above a year.
std::optional<nanoseconds> decimal_seconds(std::string_view text);
/// "0x" and up to 32 hexadecimal digits, right-aligned.
std::optional<std::array<std::byte, 16>> hexadecimal_128(std::string_view text);

}  // namespace aircheck::media
