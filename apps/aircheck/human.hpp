#pragma once
// Sizes, durations and rates as people read them. Pure; thread-safe.

#include <cstdint>
#include <string>

#include "base/time.hpp"

namespace aircheck::apps {

/// Decimal units, three digits: "0 B", "999 B", "1.00 kB", "12.3 MB", "456 GB".
std::string human_size(std::uint64_t bytes);
/// "0:07", "12:34", "1:02:03"; hours grow without limit. Cut to seconds; negative ones get a "-".
std::string human_duration(milliseconds time);
/// For short spans such as a lag: "0.4 s", "12 s", "3 min", "2.5 h", "4 days".
std::string human_span(milliseconds time);
/// "0 kb/s", "850 kb/s", "5.42 Mb/s", from bytes over a time; empty when no time has passed.
std::string human_bitrate(std::uint64_t bytes, milliseconds time);
/// How long ago, coarsely: "now", "12 s ago", "5 min ago", "3 h ago", "2 days ago".
std::string human_age(milliseconds age);

}  // namespace aircheck::apps
