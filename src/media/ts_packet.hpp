#pragma once
// The transport stream's outer layers (ISO/IEC 13818-1 §2.4.3): 188-byte packets, their search after lost sync, PES headers
// and the 33-bit clock. All inline, for every byte of a recording passes here. Borrow the segment. Not thread-safe.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace aircheck::media {

constexpr std::size_t kTsPacketSize = 188;
constexpr std::size_t kTsPids = 8192;
constexpr std::byte kTsSync{0x47};

struct TsPacket {
  std::uint16_t pid = 0;
  std::uint8_t continuity = 0;
  bool start = false;  // a PES packet or section begins in it
  bool error = false;  // the sender knows it to be damaged
  bool scrambled = false;
  bool discontinuity = false;  // the counter may jump here
  ByteView payload;            // may be empty
};

inline std::uint16_t ts_pid(const std::byte* packet) {
  return static_cast<std::uint16_t>((std::to_integer<unsigned>(packet[1]) & 0x1f) << 8 |
                                    std::to_integer<unsigned>(packet[2]));
}

/// Takes the 188 bytes at `packet` apart.
inline TsPacket parse_ts_packet(const std::byte* packet) {
  const auto flags = std::to_integer<unsigned>(packet[1]), control = std::to_integer<unsigned>(packet[3]);
  TsPacket out;
  out.pid = ts_pid(packet);
  out.continuity = control & 0xf;
  out.start = (flags & 0x40) != 0;
  out.error = (flags & 0x80) != 0;
  out.scrambled = (control & 0xc0) != 0;
  std::size_t header = 4;
  if ((control & 0x20) != 0) {
    const auto adaptation = std::to_integer<std::size_t>(packet[4]);
    header = std::min(5 + adaptation, kTsPacketSize);
    out.discontinuity = adaptation > 0 && (packet[5] & std::byte{0x80}) != std::byte{0};
  }
  if ((control & 0x10) != 0) out.payload = {packet + header, kTsPacketSize - header};
  return out;
}

/// Walks over a segment's packets, finding its way again after garbage.
class TsPackets {
 public:
  explicit TsPackets(ByteView segment) : segment_(segment) {}

  /// The next 188 bytes, or nullptr at the end.
  const std::byte* next() {
    if (offset_ + kTsPacketSize > segment_.size()) return nullptr;
    if (segment_[offset_] != kTsSync && !resync()) return nullptr;
    const auto* const packet = segment_.data() + offset_;
    __builtin_prefetch(packet + kAhead);
    offset_ += kTsPacketSize;
    return packet;
  }
  /// How often the packets were not where they should have been; a last one that is cut off counts.
  std::size_t losses() const { return losses_ + (offset_ < segment_.size() ? 1 : 0); }

 private:
  bool resync() {
    ++losses_;
    for (; offset_ + kTsPacketSize <= segment_.size(); ++offset_) {
      const auto following = offset_ + kTsPacketSize;
      if (segment_[offset_] == kTsSync && (following >= segment_.size() || segment_[following] == kTsSync)) return true;
    }
    offset_ = segment_.size();
    return false;
  }

  // How far ahead memory is asked for: a segment is larger than the caches that it came through.
  static constexpr std::size_t kAhead = 8 * kTsPacketSize;

  ByteView segment_;
  std::size_t offset_ = 0;
  std::size_t losses_ = 0;
};

/// When a PES packet's first access unit is shown and decoded: 90 kHz, unwrapped.
struct PesTimes {
  std::optional<std::int64_t> pts, dts;
};

/// Unwraps 33-bit times to the value nearest to the last one.
class TsClock {
 public:
  explicit TsClock(std::optional<nanoseconds> near) {
    if (near) last_ = near->count() / 100'000 * 9 + near->count() % 100'000 * 9 / 100'000;
  }
  std::int64_t unwrap(std::uint64_t time) {
    constexpr std::int64_t kPeriod = std::int64_t{1} << 33;
    if (!last_) last_ = static_cast<std::int64_t>(time);
    auto ahead = (static_cast<std::int64_t>(time) - *last_) % kPeriod;
    if (ahead < -kPeriod / 2) ahead += kPeriod;
    if (ahead >= kPeriod / 2) ahead -= kPeriod;
    return *last_ += ahead;
  }

 private:
  std::optional<std::int64_t> last_;
};

/// 90 kHz in nanoseconds, rounded.
inline nanoseconds from_90khz(std::int64_t ticks) {
  const auto rest = ticks % 9 * 100'000;
  return nanoseconds{ticks / 9 * 100'000 + (rest + (rest < 0 ? -4 : 4)) / 9};
}

}  // namespace aircheck::media
