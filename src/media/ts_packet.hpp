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

/// Cuts bytes that come in pieces of any size into packets, finding its way again after garbage.
class TsPacketizer {
 public:
  /// Calls `take` with the 188 bytes of each packet that is complete; they are borrowed for the call.
  template <typename Take>
  void push(ByteView bytes, Take&& take) {
    if (!rest_.empty()) {
      const auto before = rest_.size(), more = std::min(bytes.size(), 2 * kTsPacketSize);
      rest_.insert(rest_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(more));
      const auto done = cut(rest_, false, take);
      if (more == bytes.size()) {
        rest_.erase(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(done));
        return;
      }
      bytes = bytes.subspan(done - before);  // two packets' room: what was there before has been dealt with
      rest_.clear();
    }
    const auto left = bytes.subspan(cut(bytes, false, take));
    rest_.assign(left.begin(), left.end());
  }
  /// The same for what is left at the end.
  template <typename Take>
  void finish(Take&& take) {
    const auto done = cut(rest_, true, take);
    if (!lost_ && done < rest_.size()) ++losses_;
    rest_.clear();
  }
  /// How often the packets were not where they should have been; a last one that is cut off counts.
  std::size_t losses() const { return losses_; }

 private:
  // How far ahead memory is asked for.
  static constexpr std::size_t kAhead = 8 * kTsPacketSize;

  // Returns how many of the bytes are dealt with.
  template <typename Take>
  std::size_t cut(ByteView bytes, bool last, Take& take) {
    std::size_t at = 0;
    for (; at + kTsPacketSize <= bytes.size(); at += kTsPacketSize) {
      if ((lost_ || bytes[at] != kTsSync) && !resync(bytes, last, at)) break;
      for (std::size_t line = 0; line < kTsPacketSize; line += 64)
        __builtin_prefetch(bytes.data() + at + kAhead + line);
      take(bytes.data() + at);
    }
    return at;
  }

  // Moves `at` to the next packet that is followed by another, or to where that cannot be told yet.
  bool resync(ByteView bytes, bool last, std::size_t& at) {
    if (!lost_) ++losses_;
    lost_ = true;
    for (; at + kTsPacketSize <= bytes.size(); ++at) {
      if (bytes[at] != kTsSync) continue;
      const auto following = at + kTsPacketSize;
      if (following >= bytes.size() && !last) return false;
      if (following < bytes.size() && bytes[following] != kTsSync) continue;
      lost_ = false;
      return true;
    }
    return false;
  }

  Bytes rest_;
  bool lost_ = false;
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
    if (!first_) first_ = static_cast<std::int64_t>(time);
    if (!last_) last_ = static_cast<std::int64_t>(time);
    auto ahead = (static_cast<std::int64_t>(time) - *last_) % kPeriod;
    if (ahead < -kPeriod / 2) ahead += kPeriod;
    if (ahead >= kPeriod / 2) ahead -= kPeriod;
    return *last_ += ahead;
  }
  /// What would have to be added to all times if the clock had begun near `near`; 0 without any.
  std::int64_t shift_to(std::optional<nanoseconds> near) const {
    return first_ && near ? TsClock(near).unwrap(static_cast<std::uint64_t>(*first_)) - *first_ : 0;
  }

 private:
  std::optional<std::int64_t> first_, last_;
};

/// 90 kHz in nanoseconds, rounded.
inline nanoseconds from_90khz(std::int64_t ticks) {
  const auto rest = ticks % 9 * 100'000;
  return nanoseconds{ticks / 9 * 100'000 + (rest + (rest < 0 ? -4 : 4)) / 9};
}

}  // namespace aircheck::media
