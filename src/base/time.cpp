#include "base/time.hpp"

#include <fmt/core.h>

#include <charconv>

namespace aircheck {
namespace {

// A fixed-width unsigned field, such as the "08" of 08:02.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t width) {
  if (at + width > text.size()) return {};
  int value = 0;
  const auto [end, error] = std::from_chars(text.data() + at, text.data() + at + width, value);
  if (error != std::errc{} || end != text.data() + at + width || text[at] == '-') return {};
  return value;
}

std::optional<std::chrono::minutes> offset(std::string_view text) {
  if (text == "Z" || text == "z") return std::chrono::minutes{0};
  const auto hours = digits(text, 1, 2), minutes = digits(text, 4, 2);
  if (text.size() != 6 || text[3] != ':' || !hours || !minutes || *hours > 23 || *minutes > 59) return {};
  const std::chrono::minutes size{*hours * 60 + *minutes};
  if (text[0] == '+') return size;
  if (text[0] == '-') return -size;
  return {};
}

// Reads ".042..." and returns the milliseconds; `length` is set to the characters used.
std::optional<int> fraction(std::string_view text, std::size_t& length) {
  length = 0;
  if (text.empty() || text[0] != '.') return 0;
  int value = 0, scale = 100;
  for (length = 1; length < text.size() && text[length] >= '0' && text[length] <= '9'; ++length, scale /= 10)
    value += (text[length] - '0') * scale;
  if (length < 2 || length > 10) return {};
  return value;
}

}  // namespace

Instant system_now() { return std::chrono::time_point_cast<milliseconds>(std::chrono::system_clock::now()); }

std::string to_rfc3339(Instant instant) {
  const auto day = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{instant - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count(), time.subseconds().count());
}

std::optional<Instant> from_rfc3339(std::string_view text) {
  const auto year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
  const auto hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return {};
  if (text[4] != '-' || text[7] != '-' || (text[10] | 0x20) != 't' || text[13] != ':' || text[16] != ':') return {};
  const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return {};
  std::size_t used = 0;
  const auto millis = fraction(text.substr(19), used);
  const auto zone = offset(text.substr(19 + used));
  if (!millis || !zone) return {};
  const auto instant = Instant{std::chrono::sys_days{date} + std::chrono::hours{*hour} + std::chrono::minutes{*minute} +
                               seconds{*second} + milliseconds{*millis} - *zone};
  // An offset may lead out of the years that can be written.
  if (instant < kFirstInstant || instant > kLastInstant) return {};
  return instant;
}

std::optional<seconds> parse_duration(std::string_view text) {
  std::int64_t unit = 1;
  if (!text.empty() && text.back() > '9') {
    switch (text.back()) {
      case 's': unit = 1; break;
      case 'm': unit = 60; break;
      case 'h': unit = 3600; break;
      default: return {};
    }
    text.remove_suffix(1);
  }
  std::uint32_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return {};
  return seconds{count * unit};
}

}  // namespace aircheck
