#include "media/adts.hpp"

#include <array>

namespace aircheck::media {
namespace {

constexpr std::array<std::uint32_t, 13> kAdtsRates{96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                                   22050, 16000, 12000, 11025, 8000,  7350};
constexpr std::array<std::uint32_t, 8> kAdtsChannels{0, 1, 2, 3, 4, 5, 6, 8};

unsigned at(ByteView bytes, std::size_t index) { return std::to_integer<unsigned>(bytes[index]); }

}  // namespace

std::optional<AudioFrame> parse_adts(ByteView bytes) {
  if (bytes.size() < 7 || at(bytes, 0) != 0xff || (at(bytes, 1) & 0xf6) != 0xf0) return {};
  const auto rate = at(bytes, 2) >> 2 & 0xf;
  const auto channels = (at(bytes, 2) & 1) << 2 | at(bytes, 3) >> 6;
  AudioFrame out;
  out.size = (at(bytes, 3) & 3) << 11 | at(bytes, 4) << 3 | at(bytes, 5) >> 5;
  out.header_size = (at(bytes, 1) & 1) != 0 ? 7 : 9;
  if (rate >= kAdtsRates.size() || out.size <= out.header_size) return {};
  out.samples = 1024 * ((at(bytes, 6) & 3) + 1);
  out.sample_rate = kAdtsRates[rate];
  out.channels = kAdtsChannels[channels];
  return out;
}

Bytes adts_config(ByteView header) {
  const auto object_type = (at(header, 2) >> 6) + 1;
  const auto rate = at(header, 2) >> 2 & 0xf;
  const auto channels = (at(header, 2) & 1) << 2 | at(header, 3) >> 6;
  const auto config = object_type << 11 | rate << 7 | channels << 3;
  return {static_cast<std::byte>(config >> 8), static_cast<std::byte>(config)};
}

}  // namespace aircheck::media
