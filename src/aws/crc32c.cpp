#include "aws/crc32c.hpp"

#include <array>

namespace aircheck::aws {
namespace {

constexpr std::uint32_t kPolynomial = 0x82F63B78;  // reflected

constexpr std::array<std::uint32_t, 256> kTable = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ (value & 1 ? kPolynomial : 0);
    table[i] = value;
  }
  return table;
}();

std::uint32_t by_table(std::uint32_t crc, ByteView bytes) {
  for (const auto byte : bytes) crc = crc >> 8 ^ kTable[(crc ^ std::to_integer<std::uint32_t>(byte)) & 0xFF];
  return crc;
}

#if defined(__x86_64__)
constexpr std::size_t kLane = 4096;  // bytes

// What the CRC becomes when kLane zeros follow, for each value of each of its bytes: it is linear.
constexpr std::array<std::array<std::uint32_t, 256>, 4> kOverLane = [] {
  std::array<std::uint32_t, 32> of_bit{};
  for (std::size_t bit = 0; bit < 32; ++bit) {
    std::uint32_t crc = 1u << bit;
    for (std::size_t i = 0; i < kLane; ++i) crc = crc >> 8 ^ kTable[crc & 0xFF];
    of_bit[bit] = crc;
  }
  std::array<std::array<std::uint32_t, 256>, 4> tables{};
  for (std::size_t bit = 0; bit < 32; ++bit)
    for (std::size_t value = 0; value < 256; ++value)
      if (value >> bit % 8 & 1) tables[bit / 8][value] ^= of_bit[bit];
  return tables;
}();

std::uint32_t over_lane(std::uint64_t crc) {
  return kOverLane[0][crc & 0xFF] ^ kOverLane[1][crc >> 8 & 0xFF] ^ kOverLane[2][crc >> 16 & 0xFF] ^
         kOverLane[3][crc >> 24 & 0xFF];
}

std::uint64_t word_at(const std::byte* at) {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// An instruction waits three cycles for the one before it, so three lanes are read at once.
__attribute__((target("sse4.2"))) std::uint32_t by_instruction(std::uint32_t crc, ByteView bytes) {
  for (; bytes.size() >= 3 * kLane; bytes = bytes.subspan(3 * kLane)) {
    std::uint64_t first = crc, second = 0, third = 0;
    for (const auto* at = bytes.data(); at != bytes.data() + kLane; at += 8) {
      first = __builtin_ia32_crc32di(first, word_at(at));
      second = __builtin_ia32_crc32di(second, word_at(at + kLane));
      third = __builtin_ia32_crc32di(third, word_at(at + 2 * kLane));
    }
    crc = over_lane(over_lane(first) ^ second) ^ static_cast<std::uint32_t>(third);
  }
  std::uint64_t wide = crc;
  for (; bytes.size() >= 8; bytes = bytes.subspan(8)) wide = __builtin_ia32_crc32di(wide, word_at(bytes.data()));
  return by_table(static_cast<std::uint32_t>(wide), bytes);
}
#endif

}  // namespace

std::uint32_t crc32c(ByteView bytes, std::uint32_t before) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) return ~by_instruction(~before, bytes);
#endif
  return ~by_table(~before, bytes);
}

std::string crc32c_base64(std::span<const std::string_view> pieces) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::uint32_t crc = 0;
  for (const auto piece : pieces) crc = crc32c(as_bytes(piece), crc);
  const std::uint64_t bits = std::uint64_t{crc} << 4;  // 32 bits fill six digits of six bits but for four
  std::string out;
  for (int shift = 30; shift >= 0; shift -= 6) out += digits[bits >> shift & 63];
  return out + "==";
}

}  // namespace aircheck::aws
