#include "capture/fragment_url.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

namespace aircheck::capture {
namespace {

// `?name=value&…`, or `…/name/value/…`; empty where there is none.
std::string_view parameter(std::string_view url, std::string_view name) {
  const auto query = url.find('?');
  for (const char before : {'?', '&', '/'}) {
    const auto key = fmt::format("{}{}{}", before, name, before == '/' ? '/' : '=');
    const auto found = url.find(key, before == '/' ? 0 : std::min(query, url.size()));
    if (found == std::string_view::npos || (before == '/' && found > query)) continue;
    const auto value = url.substr(found + key.size());
    return value.substr(0, value.find_first_of(before == '/' ? "/?" : "&#"));
  }
  return {};
}

}  // namespace

bool is_fragment_url(std::string_view url) {
  return url.find("/videoplayback") != std::string_view::npos && parameter(url, "live") == "1" &&
         parameter(url, "sq").empty();
}

std::uint64_t epoch_of(std::string_view url) {
  const auto id = parameter(url, "id");
  const auto dot = id.rfind('.');
  std::uint64_t epoch = 0;
  if (dot != std::string_view::npos) std::from_chars(id.data() + dot + 1, id.data() + id.size(), epoch);
  return epoch;
}

std::optional<std::uint64_t> sequence_in(std::string_view url) {
  const auto text = parameter(url, "sq");
  std::uint64_t sequence = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), sequence);
  return text.empty() || read.ec != std::errc{} ? std::nullopt : std::optional(sequence);
}

std::string with_sequence(std::string_view url, std::uint64_t sequence) {
  if (url.find('?') != std::string_view::npos) return fmt::format("{}&sq={}", url, sequence);
  return fmt::format("{}{}sq/{}", url, url.ends_with('/') ? "" : "/", sequence);
}

}  // namespace aircheck::capture
