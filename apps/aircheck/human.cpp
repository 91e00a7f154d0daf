#include "aircheck/human.hpp"

#include <fmt/core.h>

#include <array>

namespace aircheck::apps {
namespace {

// Three digits of `value` with the first unit in which they suffice; units are steps of a thousand.
template <std::size_t N>
std::string scaled(double value, const std::array<std::string_view, N>& units) {
  std::size_t unit = 0;
  for (; value >= 999.5 && unit + 1 < N; ++unit) value /= 1000;
  const int digits = unit == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return fmt::format("{:.{}f} {}", value, digits, units[unit]);
}

constexpr std::array<std::string_view, 6> kSizes{"B", "kB", "MB", "GB", "TB", "PB"};
constexpr std::array<std::string_view, 4> kRates{"b/s", "kb/s", "Mb/s", "Gb/s"};

// "1 day", "3 days": only days have a plural here.
std::string days(std::int64_t count) { return fmt::format("{} day{}", count, count == 1 ? "" : "s"); }

}  // namespace

std::string human_size(std::uint64_t bytes) { return scaled(static_cast<double>(bytes), kSizes); }

std::string human_duration(milliseconds time) {
  if (time < milliseconds{0}) return "-" + human_duration(-time);
  const auto total = std::chrono::floor<seconds>(time).count();
  const auto hours = total / 3600, minutes = total / 60 % 60, rest = total % 60;
  if (hours == 0) return fmt::format("{}:{:02}", minutes, rest);
  return fmt::format("{}:{:02}:{:02}", hours, minutes, rest);
}

std::string human_span(milliseconds time) {
  const auto count = static_cast<double>(time.count()) / 1000;
  if (count < 9.95) return fmt::format("{:.1f} s", count);
  if (count < 120) return fmt::format("{:.0f} s", count);
  if (count < 120 * 60) return fmt::format("{:.0f} min", count / 60);
  if (count < 48 * 3600) return fmt::format("{:.1f} h", count / 3600);
  return days(static_cast<std::int64_t>(count / 86400));
}

std::string human_bitrate(std::uint64_t bytes, milliseconds time) {
  if (time <= milliseconds{0}) return {};
  return scaled(static_cast<double>(bytes) * 8000 / static_cast<double>(time.count()), kRates);
}

std::string human_age(milliseconds age) {
  const auto total = std::chrono::floor<seconds>(age).count();
  if (total < 1) return "now";
  if (total < 120) return fmt::format("{} s ago", total);
  if (total < 120 * 60) return fmt::format("{} min ago", total / 60);
  if (total < 48 * 3600) return fmt::format("{} h ago", total / 3600);
  return days(total / 86400) + " ago";
}

}  // namespace aircheck::apps
