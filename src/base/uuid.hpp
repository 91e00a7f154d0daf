#pragma once
// UUIDs of version 7 (RFC 9562): the time in front, so that ids sort by creation.

#include <string>
#include <string_view>

#include "base/time.hpp"

namespace aircheck {

/// A fresh id, "0190f3e2-…" in lower case, 36 characters. Unique across processes: 74 random bits.
std::string make_uuid7(Instant now);
/// 36 characters, hyphens in place, hexadecimal in lower case. The only form of id that we accept from outside.
bool is_uuid(std::string_view text);

}  // namespace aircheck
