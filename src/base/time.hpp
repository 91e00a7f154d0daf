#pragma once
// Wall-clock instants as they are stored and shown: milliseconds since the Unix epoch in memory, RFC 3339 UTC in JSON.
// Pure but for system_now().

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace aircheck {

using Instant = std::chrono::sys_time<std::chrono::milliseconds>;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

/// What RFC 3339 can write: the years 0 to 9999.
inline constexpr Instant kFirstInstant{std::chrono::sys_days{std::chrono::year{0} / 1 / 1}};
inline constexpr Instant kLastInstant{std::chrono::sys_days{std::chrono::year{10'000} / 1 / 1} - milliseconds{1}};

Instant system_now();

/// To the nearest millisecond.
inline std::int64_t rounded_ms(nanoseconds time) { return std::chrono::round<milliseconds>(time).count(); }

/// "2026-11-23T08:02:11.042Z", always 24 characters for years 0 to 9999.
std::string to_rfc3339(Instant instant);
/// Accepts Z or a numeric offset and up to nine digits of fraction (cut to ms); nothing for anything else.
std::optional<Instant> from_rfc3339(std::string_view text);

/// "90", "90s", "15m", "2h": whole numbers, seconds when no unit is given; nothing for anything else.
std::optional<seconds> parse_duration(std::string_view text);

}  // namespace aircheck
