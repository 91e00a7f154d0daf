#include "base/uuid.hpp"

#include <fmt/core.h>
#include <sys/random.h>

#include <array>
#include <cstdint>
#include <stdexcept>

namespace aircheck {

std::string make_uuid7(Instant now) {
  std::array<std::uint64_t, 2> random{};
  if (getrandom(random.data(), sizeof random, 0) != sizeof random) throw std::runtime_error("getrandom failed");
  const auto time = static_cast<std::uint64_t>(now.time_since_epoch().count()) & 0xffff'ffff'ffff;
  const auto low = (random[1] & 0x3fff'ffff'ffff'ffff) | 0x8000'0000'0000'0000;
  return fmt::format("{:08x}-{:04x}-7{:03x}-{:04x}-{:012x}", time >> 16, time & 0xffff, random[0] & 0xfff, low >> 48,
                     low & 0xffff'ffff'ffff);
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = text[i];
    if (hyphen ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
  }
  return true;
}

}  // namespace aircheck
