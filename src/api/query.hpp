#pragma once
// The parts of a request's target: percent-decoding and query parameters. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aircheck::api {

/// Nothing for a "%" without two hexadecimal digits. "+" stays as it is.
std::optional<std::string> percent_decode(std::string_view text);

/// "a=1&b=2&a=3" in its order. "+" is a blank; a parameter that cannot be decoded is left as it was sent.
class Query {
 public:
  explicit Query(std::string_view text);
  /// The first value; nothing when it is not there.
  std::optional<std::string> first(std::string_view name) const;
  std::vector<std::string> all(std::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string>> parameters_;
};

/// The parts between `separator`, blanks around them removed, empty ones left out.
std::vector<std::string_view> split(std::string_view text, char separator);
/// Decimal digits only, without sign; nothing for anything else or what does not fit.
std::optional<std::uint64_t> parse_number(std::string_view text);

}  // namespace aircheck::api
