#pragma once
// Uniform resource identifiers (RFC 3986): taking them apart and resolving references against a base. Pure; thread-safe.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace aircheck {

/// Views into the text that was parsed. Absent parts are nothing, empty ones are empty.
struct UriParts {
  std::optional<std::string_view> scheme;
  std::optional<std::string_view> authority;  // userinfo@host:port as written
  std::optional<std::string_view> userinfo;
  std::string_view host;  // IPv6 without its brackets
  std::optional<std::uint16_t> port;
  std::string_view path;
  std::optional<std::string_view> query;
  std::optional<std::string_view> fragment;
};

/// Takes a URI or a relative reference apart. `invalid_input` for control characters, a scheme or port that is none, and
/// brackets that do not close.
Result<UriParts> parse_uri(std::string_view text);

/// The target of `reference` as seen from `base` (RFC 3986 §5.2). Blanks become %20, for playlists contain them.
/// `invalid_input` where base is not absolute or either cannot be parsed.
Result<std::string> resolve_uri(std::string_view base, std::string_view reference);

/// Every byte but the unreserved ones (RFC 3986 §2.3) and those of `keep` as %XX.
std::string percent_encode(std::string_view text, std::string_view keep = {});

}  // namespace aircheck
