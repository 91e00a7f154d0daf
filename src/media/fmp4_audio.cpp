#include "media/fmp4_audio.hpp"

#include <fmt/core.h>

#include <array>

#include "media/audio_frame.hpp"
#include "media/bit_reader.hpp"

namespace aircheck::media {
namespace {

constexpr std::uint32_t kOpusRate = 48'000;  // Opus' clock, whatever went in

// A descriptor's tag, and its body behind a length of up to four groups of seven bits.
struct Descriptor {
  std::uint8_t tag = 0;
  ByteView body;
};

Descriptor read_descriptor(ByteReader& in) {
  Descriptor out{in.u8(), {}};
  std::size_t size = 0;
  for (int i = 0; i < 4; ++i) {
    const auto byte = in.u8();
    size = size << 7 | (byte & 0x7fu);
    if (byte < 0x80) break;
  }
  out.body = in.take(size);
  return out;
}

std::uint32_t read_audio_object(BitReader& in) {
  const auto type = in.u32(5);
  return type == 31 ? 32 + in.u32(6) : type;
}

std::uint32_t read_rate(BitReader& in) {
  constexpr std::array<std::uint32_t, 13> kRates{96'000, 88'200, 64'000, 48'000, 44'100, 32'000, 24'000,
                                                 22'050, 16'000, 12'000, 11'025, 8'000,  7'350};
  const auto index = in.u32(4);
  if (index == 15) return in.u32(24);
  return index < kRates.size() ? kRates[index] : 0;
}

Result<void> apply_aac(ByteView config, Track& track) {
  constexpr std::uint32_t kSbr = 5, kParametricStereo = 29;
  constexpr std::array<std::uint32_t, 15> kChannels{0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 24, 8};
  BitReader in(config);
  const auto object = read_audio_object(in);
  const auto core_rate = read_rate(in);
  const auto layout = in.u32(4);
  auto rate = core_rate;
  if (object == kSbr || object == kParametricStereo) {
    rate = read_rate(in);  // what comes out; frames are counted in what goes in
    read_audio_object(in);
  }
  const std::uint32_t samples = in.flag() ? 960 : 1'024;
  if (!in.ok() || core_rate == 0 || rate == 0) return fail(ErrorKind::corrupt, "an AAC header is cut off");
  track.codec = Codec::aac;
  track.codec_private.assign(config.begin(), config.end());
  track.sample_rate = rate;
  if (layout < kChannels.size() && kChannels[layout] != 0) track.channels = kChannels[layout];
  if (object == kParametricStereo) track.channels = 2;
  track.default_duration = samples_to_time(samples, core_rate);
  return {};
}

}  // namespace

Result<void> apply_esds(ByteView esds, Track& track) {
  ByteReader box(esds);
  box.skip(4);
  ByteReader in(read_descriptor(box).body);  // ES_Descriptor
  in.skip(2);
  const auto flags = in.u8();
  if (flags & 0x80) in.skip(2);                  // depends on another stream
  if (flags & 0x40) in.skip(in.u8());            // URL
  if (flags & 0x20) in.skip(2);                  // clock of another stream
  ByteReader decoder(read_descriptor(in).body);  // DecoderConfigDescriptor
  const auto object = decoder.u8();
  decoder.skip(12);
  if (!decoder.ok()) return fail(ErrorKind::corrupt, "an audio track's descriptor is cut off");
  if (object == 0x69 || object == 0x6b) {
    track.codec = Codec::mp3;
    return {};
  }
  if (object != 0x40 && (object < 0x66 || object > 0x68))
    return fail(ErrorKind::unsupported, fmt::format("audio of MPEG-4 object type {:#04x}", object));
  const auto config = read_descriptor(decoder).body;
  return apply_aac(config, track);
}

Result<void> apply_dops(ByteView dops, Track& track) {
  ByteReader in(dops);
  in.skip(1);
  const auto channels = in.u8();
  const auto pre_skip = in.u16();
  const auto input_rate = in.u32();
  const auto gain = in.u16();
  const auto mapping = in.take(in.remaining());
  if (mapping.empty() || channels == 0) return fail(ErrorKind::corrupt, "an Opus header is cut off");
  track.codec = Codec::opus;
  track.sample_rate = kOpusRate;
  track.channels = channels;
  track.codec_delay = samples_to_time(pre_skip, kOpusRate);
  track.seek_preroll = milliseconds{80};  // RFC 7845 §4.6
  ByteWriter out(track.codec_private);
  const auto little_endian = [&out](std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) out.u8(static_cast<std::uint8_t>(value >> (8 * i)));
  };
  out.text("OpusHead");
  out.u8(1);
  out.u8(channels);
  little_endian(pre_skip, 2);
  little_endian(input_rate, 4);
  little_endian(gain, 2);
  out.raw(mapping);
  return {};
}

}  // namespace aircheck::media
