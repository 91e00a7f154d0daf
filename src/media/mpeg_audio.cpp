#include "media/mpeg_audio.hpp"

#include <array>

namespace aircheck::media {
namespace {

// kbit/s by index, layer III; 0: free or forbidden.
constexpr std::array<std::uint32_t, 16> kRates1{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0};
constexpr std::array<std::uint32_t, 16> kRates2{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0};
constexpr std::array<std::uint32_t, 3> kSampleRates{44100, 48000, 32000};

unsigned at(ByteView bytes, std::size_t index) { return std::to_integer<unsigned>(bytes[index]); }

bool has_sync(ByteView bytes) { return bytes.size() >= 4 && at(bytes, 0) == 0xff && (at(bytes, 1) & 0xe0) == 0xe0; }

}  // namespace

std::optional<AudioFrame> parse_mp3(ByteView bytes) {
  if (!has_sync(bytes)) return {};
  const auto version = at(bytes, 1) >> 3 & 3,
             layer = at(bytes, 1) >> 1 & 3;  // 3: MPEG-1, 2: MPEG-2, 0: 2.5; 1: layer III
  const auto rate = at(bytes, 2) >> 4, sample_rate = at(bytes, 2) >> 2 & 3, padding = at(bytes, 2) >> 1 & 1;
  if (version == 1 || layer != 1 || sample_rate == 3) return {};
  const auto kilobits = (version == 3 ? kRates1 : kRates2)[rate];
  if (kilobits == 0) return {};
  AudioFrame out;
  out.samples = version == 3 ? 1152 : 576;
  out.sample_rate = kSampleRates[sample_rate] >> (version == 3 ? 0 : version == 2 ? 1 : 2);
  out.channels = at(bytes, 3) >> 6 == 3 ? 1 : 2;
  out.size = out.samples / 8 * kilobits * 1000 / out.sample_rate + padding;
  return out;
}

bool is_lower_layer(ByteView bytes) { return has_sync(bytes) && (at(bytes, 1) >> 1 & 3) >= 2; }

}  // namespace aircheck::media
