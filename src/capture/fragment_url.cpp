#include "capture/fragment_url.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace aircheck::capture {
namespace {

// `?name=value&…`, or `…/name/value/…`.
std::optional<std::string_view> parameter(std::string_view url, std::string_view name) {
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

std::optional<std::uint64_t> number_in(std::string_view url, std::string_view name) {
  const auto text = parameter(url, name).value_or("");
  std::uint64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return text.empty() || read.ec != std::errc{} ? std::nullopt : std::optional(number);
}

}  // namespace

bool is_fragment_url(std::string_view url) {
  return url.find("/videoplayback") != std::string_view::npos && parameter(url, "live") == "1" &&
         !parameter(url, "sq") && sequence_in(with_sequence(url, 1)) == 1;
}

std::uint64_t epoch_of(std::string_view url) {
  const auto id = parameter(url, "id").value_or("");
  const auto dot = id.rfind('.');
  std::uint64_t epoch = 0;
  if (dot != std::string_view::npos) std::from_chars(id.data() + dot + 1, id.data() + id.size(), epoch);
  return epoch;
}

std::optional<std::uint64_t> sequence_in(std::string_view url) { return number_in(url, "sq"); }

bool has_po_token(std::string_view url) { return !parameter(url, "pot").value_or("").empty(); }

std::optional<Instant> expiry_of(std::string_view url) {
  constexpr auto kLast = std::chrono::floor<seconds>(kLastInstant.time_since_epoch()).count();
  const auto number = number_in(url, "expire");
  if (!number || std::cmp_greater(*number, kLast)) return {};
  return Instant{seconds{static_cast<std::int64_t>(*number)}};
}

milliseconds renewal_delay(std::string_view url, Instant now, milliseconds most) {
  const auto expiry = expiry_of(url);
  if (!expiry || *expiry <= now) return most;
  return std::min(most, std::chrono::duration_cast<milliseconds>((*expiry - now) * 3 / 4));
}

std::string with_sequence(std::string_view url, std::uint64_t sequence) {
  if (url.find('?') != std::string_view::npos) return fmt::format("{}&sq={}", url, sequence);
  return fmt::format("{}{}sq/{}", url, url.ends_with('/') ? "" : "/", sequence);
}

}  // namespace aircheck::capture
