#pragma once
// Ticks of a media timescale to nanoseconds and back to sense. Pure.

#include <cstdint>

#include "base/time.hpp"

namespace aircheck::media {

/// The most ticks that become nanoseconds with room left for arithmetic: 68 years.
inline std::uint64_t most_ticks(std::uint32_t timescale) { return (std::uint64_t{1} << 31) * timescale - 1; }

inline bool representable(std::uint64_t ticks, std::uint32_t timescale) {
  return timescale > 0 && ticks <= most_ticks(timescale);
}

/// Rounded to the nearest nanosecond, halves away from zero; of a representable value.
inline nanoseconds to_time(std::int64_t ticks, std::uint32_t timescale) {
  const std::int64_t scale = timescale;
  const auto whole = ticks / scale, rest = ticks % scale;
  const auto half = ticks < 0 ? -scale / 2 : scale / 2;
  return nanoseconds{whole * 1'000'000'000 + (rest * 1'000'000'000 + half) / scale};
}

}  // namespace aircheck::media
