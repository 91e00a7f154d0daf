#pragma once
// Reading and building binary formats. ByteReader is a bounds-checked cursor over borrowed bytes: a read past the end
// yields zeroes and sets a sticky failure, so that a parser reads a whole structure and asks ok() once. Not thread-safe.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace aircheck {

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;

inline ByteView as_bytes(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }
inline std::string_view as_text(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  std::size_t position() const { return position_; }
  std::size_t remaining() const { return bytes_.size() - position_; }
  bool at_end() const { return position_ == bytes_.size(); }

  std::uint8_t u8() { return static_cast<std::uint8_t>(big_endian(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(big_endian(2)); }
  std::uint32_t u24() { return static_cast<std::uint32_t>(big_endian(3)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(big_endian(4)); }
  std::uint64_t u64() { return big_endian(8); }
  /// An unsigned big-endian integer of `width` bytes, 1 to 8.
  std::uint64_t big_endian(std::size_t width) {
    const auto field = take(width);
    std::uint64_t value = 0;
    for (const auto byte : field) value = value << 8 | std::to_integer<std::uint64_t>(byte);
    return value;
  }
  /// The next `count` bytes, borrowed; empty (and the failure set) when fewer remain.
  ByteView take(std::size_t count) {
    if (count > remaining()) {
      ok_ = false;
      position_ = bytes_.size();
      return {};
    }
    const auto field = bytes_.subspan(position_, count);
    position_ += count;
    return field;
  }
  void skip(std::size_t count) { take(count); }

 private:
  ByteView bytes_;
  std::size_t position_ = 0;
  bool ok_ = true;
};

/// Appends big-endian integers and raw bytes to a buffer that it borrows.
class ByteWriter {
 public:
  explicit ByteWriter(Bytes& out) : out_(out) {}

  void big_endian(std::uint64_t value, std::size_t width) {
    for (std::size_t i = width; i-- > 0;) out_.push_back(static_cast<std::byte>(value >> (8 * i)));
  }
  void u8(std::uint8_t value) { out_.push_back(static_cast<std::byte>(value)); }
  void u16(std::uint16_t value) { big_endian(value, 2); }
  void u32(std::uint32_t value) { big_endian(value, 4); }
  void u64(std::uint64_t value) { big_endian(value, 8); }
  void raw(ByteView bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }
  void text(std::string_view text) { raw(as_bytes(text)); }

 private:
  Bytes& out_;
};

}  // namespace aircheck
