#include "media/ac3.hpp"

#include <array>

#include "media/bit_reader.hpp"

namespace aircheck::media {
namespace {

constexpr std::uint32_t kSamples = 1536;
constexpr std::uint32_t kLastAc3 = 10;  // bsid above: E-AC-3
constexpr std::array<std::uint32_t, 19> kBitRates{32,  40,  48,  56,  64,  80,  96,  112, 128, 160,
                                                  192, 224, 256, 320, 384, 448, 512, 576, 640};  // kbit/s
constexpr std::array<std::uint32_t, 3> kSampleRates{48000, 44100, 32000};
constexpr std::array<std::uint32_t, 8> kModeChannels{2, 1, 2, 3,
                                                     3, 4, 4, 5};  // by acmod, without the low-frequency one

}  // namespace

std::optional<AudioFrame> parse_ac3(ByteView bytes) {
  if (bytes.size() < 7) return {};
  BitReader in(bytes);
  const bool sync = in.bits(16) == 0x0b77;
  in.skip(16);  // checksum
  const auto sample_rate = in.u32(2), size_code = in.u32(6), version = in.u32(5);
  if (!sync || sample_rate >= kSampleRates.size() || size_code / 2 >= kBitRates.size() || version > kLastAc3) return {};
  in.skip(3);
  const auto mode = in.u32(3);
  if ((mode & 1) != 0 && mode != 1) in.skip(2);
  if ((mode & 4) != 0) in.skip(2);
  if (mode == 2) in.skip(2);
  AudioFrame out;
  out.samples = kSamples;
  out.sample_rate = kSampleRates[sample_rate];
  out.channels = kModeChannels[mode] + in.bit();
  // Whole 16-bit words; at 44.1 kHz, where they do not come out even, odd codes stand for one more (table 5.18).
  const auto words = kBitRates[size_code / 2] * 1000 * kSamples / 16 / out.sample_rate;
  out.size = 2 * (words + (out.sample_rate == 44100 ? size_code % 2 : 0));
  return out;
}

}  // namespace aircheck::media
