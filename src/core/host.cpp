#include "core/host.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <vector>

namespace aircheck {
namespace {

struct Range {
  std::uint32_t network;
  int bits;
};

// IANA IPv4 special-purpose address registry; multicast and the reserved top.
constexpr std::array kInner{
    Range{0x00000000, 8},  Range{0x0a000000, 8},  Range{0x64400000, 10}, Range{0x7f000000, 8},  Range{0xa9fe0000, 16},
    Range{0xac100000, 12}, Range{0xc0000000, 24}, Range{0xc0000200, 24}, Range{0xc0a80000, 16}, Range{0xc6120000, 15},
    Range{0xc6336400, 24}, Range{0xcb007100, 24}, Range{0xe0000000, 3},
};

bool is_inner(std::uint32_t address) {
  return std::ranges::any_of(
      kInner, [address](const Range& range) { return (address ^ range.network) >> (32 - range.bits) == 0; });
}

// One number of an address as inet_aton() takes it: decimal, 0octal or 0xhex.
std::optional<std::uint64_t> number(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x")) base = 16, text.remove_prefix(2);
  else if (text.size() > 1 && text[0] == '0') base = 8, text.remove_prefix(1);
  if (text.empty()) return base == 16 ? std::optional<std::uint64_t>(0) : std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

// "a", "a.b", "a.b.c" and "a.b.c.d"; the last number fills what is left.
std::optional<std::uint32_t> v4(std::string_view host) {
  std::uint64_t address = 0;
  for (int part = 0; part < 4; ++part) {
    const auto dot = host.find('.');
    const auto value = number(host.substr(0, dot));
    if (!value) return {};
    if (dot == std::string_view::npos) {
      const int bits = 32 - 8 * part;
      if (*value >> bits != 0) return {};
      return static_cast<std::uint32_t>(address << bits | *value);
    }
    if (*value > 255) return {};
    address = address << 8 | *value;
    host.remove_prefix(dot + 1);
  }
  return {};
}

using V6 = std::array<std::uint8_t, 16>;

// One side of a "::": groups of up to four hexadecimal digits, the last perhaps an IPv4 address. The bytes, or nothing.
std::optional<std::vector<std::uint8_t>> v6_groups(std::string_view text) {
  std::vector<std::uint8_t> bytes;
  while (!text.empty()) {
    const auto end = std::min(text.find(':'), text.size());
    const auto group = text.substr(0, end);
    if (end == text.size() && group.contains('.')) {
      const auto address = v4(group);
      if (!address) return {};
      for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::uint8_t>(*address >> shift));
      return bytes;
    }
    std::uint16_t value = 0;
    const auto [stop, error] = std::from_chars(group.data(), group.data() + group.size(), value, 16);
    if (error != std::errc{} || stop != group.data() + group.size() || end + 1 == text.size()) return {};
    bytes.push_back(static_cast<std::uint8_t>(value >> 8));
    bytes.push_back(static_cast<std::uint8_t>(value));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return bytes;
}

// RFC 4291 §2.2.
std::optional<V6> v6(std::string_view text) {
  const auto gap = text.find("::");
  const auto front = v6_groups(text.substr(0, gap));
  const auto back =
      gap == std::string_view::npos ? std::optional(std::vector<std::uint8_t>{}) : v6_groups(text.substr(gap + 2));
  V6 out{};
  if (!front || !back || front->size() + back->size() > out.size()) return {};
  if (gap == std::string_view::npos && front->size() != out.size()) return {};
  std::ranges::copy(*front, out.begin());
  std::ranges::copy_backward(*back, out.end());
  return out;
}

// Everything but global unicast (2000::/3), and what carries an IPv4 address in it or is for documentation.
bool is_inner_v6(const V6& b) {
  const auto embedded = [&b](std::size_t at) {
    return static_cast<std::uint32_t>(b[at] << 24 | b[at + 1] << 16 | b[at + 2] << 8 | b[at + 3]);
  };
  const auto zeroes = [&b](std::size_t from, std::size_t to) {
    return std::all_of(b.begin() + static_cast<std::ptrdiff_t>(from), b.begin() + static_cast<std::ptrdiff_t>(to),
                       [](std::uint8_t byte) { return byte == 0; });
  };
  if (zeroes(0, 10) && b[10] == 0xff && b[11] == 0xff) return is_inner(embedded(12));
  if (b[0] == 0 && b[1] == 0x64 && b[2] == 0xff && b[3] == 0x9b && zeroes(4, 12)) return is_inner(embedded(12));
  if (b[0] == 0x20 && b[1] == 0x02) return is_inner(embedded(2));
  if (b[0] == 0x20 && b[1] == 0x01 && (b[2] < 0x02 || (b[2] == 0x0d && b[3] == 0xb8))) return true;
  return (b[0] & 0xe0) != 0x20;
}

bool is_local_name(std::string_view host) {
  constexpr std::array<std::string_view, 8> kSuffixes{".localhost", ".local", ".internal", ".lan",
                                                      ".home",      ".corp",  ".intranet", ".home.arpa"};
  return !host.contains('.') || std::ranges::any_of(kSuffixes, [host](auto suffix) { return host.ends_with(suffix); });
}

}  // namespace

bool is_private_host(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.contains(':')) {
    const auto address = v6(host);
    return !address || is_inner_v6(*address);
  }
  if (const auto address = v4(host)) return is_inner(*address);
  // A name whose last label is a number is an address that some resolver may still take.
  const auto last = host.substr(host.rfind('.') + 1);
  return is_local_name(host) || (!last.empty() && last[0] >= '0' && last[0] <= '9');
}

}  // namespace aircheck
