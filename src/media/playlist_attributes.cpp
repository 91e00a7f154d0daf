#include "media/playlist_attributes.hpp"

#include <algorithm>
#include <charconv>

namespace aircheck::media {
namespace {

std::string_view take_quoted(std::string_view& text) {
  const auto close = text.find('"', 1);
  const auto value = text.substr(1, close == std::string_view::npos ? close : close - 1);
  text.remove_prefix(close == std::string_view::npos ? text.size() : close + 1);
  return value;
}

std::string_view take_bare(std::string_view& text) {
  auto value = text.substr(0, text.find(','));
  text.remove_prefix(value.size());
  while (value.ends_with(' ')) value.remove_suffix(1);
  return value;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = static_cast<char>(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

}  // namespace

AttributeList::AttributeList(std::string_view text) {
  while (!text.empty()) {
    while (text.starts_with(' ') || text.starts_with(',')) text.remove_prefix(1);
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) return;
    const auto name = text.substr(0, equals);
    text.remove_prefix(equals + 1);
    attributes_.push_back({name, text.starts_with('"') ? take_quoted(text) : take_bare(text)});
    text.remove_prefix(std::min(text.find(','), text.size()));
  }
}

std::optional<std::string_view> AttributeList::find(std::string_view name) const {
  const auto found = std::ranges::find(attributes_, name, &Attribute::name);
  if (found == attributes_.end()) return {};
  return found->value;
}

std::uint64_t AttributeList::integer(std::string_view name) const { return decimal_integer(get(name)).value_or(0); }

std::optional<std::uint64_t> decimal_integer(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

std::optional<nanoseconds> decimal_seconds(std::string_view text) {
  constexpr std::int64_t kYear = 366LL * 86'400;
  const auto point = std::min(text.find('.'), text.size());
  const auto whole = point == 0 ? 0 : decimal_integer(text.substr(0, point));
  if (text.empty() || text == "." || !whole || *whole > static_cast<std::uint64_t>(kYear)) return {};
  std::int64_t fraction = 0, scale = 100'000'000;
  for (const char c : text.substr(std::min(point + 1, text.size()))) {
    if (c < '0' || c > '9') return {};
    fraction += (c - '0') * scale;
    scale /= 10;
  }
  return seconds{static_cast<std::int64_t>(*whole)} + nanoseconds{fraction};
}

std::optional<std::array<std::byte, 16>> hexadecimal_128(std::string_view text) {
  if (!text.starts_with("0x") && !text.starts_with("0X")) return {};
  text.remove_prefix(2);
  while (text.size() > 32 && text.starts_with('0')) text.remove_prefix(1);
  if (text.empty() || text.size() > 32) return {};
  std::array<std::byte, 16> out{};
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int digit = hex_digit(text[text.size() - 1 - i]);
    if (digit < 0) return {};
    out[15 - i / 2] |= static_cast<std::byte>(digit << (i % 2 * 4));
  }
  return out;
}

}  // namespace aircheck::media
