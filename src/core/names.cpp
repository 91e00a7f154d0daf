#include "core/names.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace aircheck {
namespace {

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

}  // namespace

std::string recording_key(Instant created_at, std::string_view video_id, std::string_view job_id) {
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(created_at)};
  std::string name(video_id.empty() ? "stream" : video_id);
  std::ranges::replace_if(name, [](char c) { return !is_plain(c); }, '_');
  return fmt::format("recordings/{:04}/{:02}/{}-{}.mkv", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), name, job_id);
}

std::string recording_label(std::string_view video_id, std::string_view url) {
  if (!video_id.empty()) return std::string(video_id);
  const auto at = url.find("/@");
  if (at == std::string_view::npos) return {};
  const auto name = url.substr(at + 2);
  return std::string(name.substr(0, name.find_first_of("/?#")));
}

std::string recording_part_key(std::string_view key, int index) {
  if (index == 0) return std::string(key);
  const auto dot = std::min(key.rfind('.'), key.size());
  const auto stem_end = key.find('/', dot) == std::string_view::npos ? dot : key.size();
  return fmt::format("{}-{}{}", key.substr(0, stem_end), index + 1, key.substr(stem_end));
}

std::string journal_key(std::string_view key) { return std::string(key) + ".journal"; }

std::string live_chat_key(std::string_view key) {
  constexpr std::string_view kEnding = ".mkv";
  if (key.ends_with(kEnding)) key.remove_suffix(kEnding.size());
  return std::string(key) + ".live_chat.json";
}

bool is_safe_key(std::string_view key) {
  if (std::ranges::any_of(key, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '\\'; }))
    return false;
  for (auto rest = key;;) {
    const auto slash = rest.find('/');
    const auto component = rest.substr(0, slash);
    if (component.empty() || component == "." || component == "..") return false;
    if (slash == std::string_view::npos) return true;
    rest.remove_prefix(slash + 1);
  }
}

}  // namespace aircheck
