#pragma once
// One frame of a self-framing audio stream (ADTS, MPEG audio, AC-3), as its header tells. Plain value.

#include <cstdint>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace aircheck::media {

struct AudioFrame {
  std::size_t size = 0;         // header included
  std::size_t header_size = 0;  // of what the container does not keep: 0 but for ADTS
  std::uint32_t samples = 0;    // per channel
  std::uint32_t sample_rate = 0, channels = 0;
  bool operator==(const AudioFrame&) const = default;
};

/// The shortest headers of all that parse_adts and its like need.
constexpr std::size_t kAudioHeaderSize = 7;

/// How long `samples` last, rounded to the nanosecond once: multiples do not drift.
inline nanoseconds samples_to_time(std::uint64_t samples, std::uint32_t rate) {
  return nanoseconds{static_cast<std::int64_t>((samples * 1'000'000'000 + rate / 2) / rate)};
}

}  // namespace aircheck::media
