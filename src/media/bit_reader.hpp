#pragma once
// Bits of codec headers: a bounds-checked cursor with Exp-Golomb codes, and the removal of emulation prevention bytes. A read
// past the end yields zeroes and sets a sticky failure, as ByteReader's do. Not thread-safe; borrows its bytes.

#include <cstdint>

#include "base/bytes.hpp"

namespace aircheck::media {

class BitReader {
 public:
  explicit BitReader(ByteView bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  std::size_t remaining() const { return bytes_.size() * 8 - position_; }

  std::uint32_t bit() {
    if (position_ >= bytes_.size() * 8) {
      ok_ = false;
      return 0;
    }
    const auto byte = std::to_integer<std::uint32_t>(bytes_[position_ / 8]);
    return byte >> (7 - position_++ % 8) & 1;
  }
  bool flag() { return bit() != 0; }
  /// An unsigned integer of up to 64 bits.
  std::uint64_t bits(std::size_t count) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i) value = value << 1 | bit();
    return value;
  }
  std::uint32_t u32(std::size_t count) { return static_cast<std::uint32_t>(bits(count)); }
  void skip(std::size_t count) {
    if (count > remaining()) ok_ = false;
    position_ += ok_ ? count : remaining();
  }
  /// ue(v) of H.264 §9.1 and H.265 §9.2, up to 32 bits.
  std::uint32_t ue() {
    std::size_t zeroes = 0;
    while (ok_ && zeroes < 32 && !flag()) ++zeroes;
    if (zeroes >= 32) ok_ = false;
    return ok_ ? static_cast<std::uint32_t>((std::uint64_t{1} << zeroes) - 1 + bits(zeroes)) : 0;
  }
  /// se(v): 0, 1, -1, 2, -2 …
  std::int32_t se() {
    const auto code = std::int64_t{ue()};
    return static_cast<std::int32_t>(code % 2 != 0 ? (code + 1) / 2 : -(code / 2));
  }

 private:
  ByteView bytes_;
  std::size_t position_ = 0;  // in bits
  bool ok_ = true;
};

/// The payload of a NAL unit without its emulation prevention bytes (00 00 03 → 00 00).
inline Bytes unescape(ByteView nal) {
  Bytes out;
  out.reserve(nal.size());
  std::size_t zeroes = 0;
  for (const auto byte : nal) {
    const bool escape = zeroes >= 2 && byte == std::byte{3};
    zeroes = byte == std::byte{0} ? zeroes + 1 : 0;
    if (!escape) out.push_back(byte);
  }
  return out;
}

}  // namespace aircheck::media
