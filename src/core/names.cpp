#include "core/names.hpp"

#include <fmt/core.h>

namespace aircheck {
namespace {

bool is_word(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

}  // namespace

std::string recording_key(Instant created_at, std::string_view video_id, std::string_view job_id) {
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(created_at)};
  std::string label(video_id.empty() ? std::string_view{"stream"} : video_id);
  for (auto& c : label)
    if (!is_word(c)) c = '_';
  return fmt::format("recordings/{:04}/{:02}/{}-{}.mkv", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     label, job_id);
}

std::string recording_part_key(std::string_view key, int index) {
  if (index == 0) return std::string(key);
  const auto dot = key.rfind('.');
  const bool has_extension = dot != std::string_view::npos && key.find('/', dot) == std::string_view::npos;
  const auto stem = has_extension ? key.substr(0, dot) : key;
  return fmt::format("{}-{}{}", stem, index + 1, has_extension ? key.substr(dot) : std::string_view{});
}

std::string journal_key(std::string_view key) { return std::string(key) + ".journal"; }

bool is_safe_key(std::string_view key) {
  if (key.empty() || key.size() > 1024 || key.front() == '/') return false;
  for (const char c : key)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
  for (std::size_t begin = 0; begin <= key.size();) {
    const auto end = std::min(key.find('/', begin), key.size());
    const auto part = key.substr(begin, end - begin);
    if (part.empty() || part == "." || part == "..") return false;
    begin = end + 1;
  }
  return true;
}

}  // namespace aircheck
