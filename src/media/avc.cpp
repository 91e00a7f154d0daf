#include "media/avc.hpp"

#include <algorithm>
#include <array>

#include "media/bit_reader.hpp"
#include "media/pixel_shape.hpp"

namespace aircheck::media {
namespace {

bool has_chroma_fields(std::uint32_t profile) {
  constexpr std::array kProfiles{100u, 110u, 122u, 244u, 44u, 83u, 86u, 118u, 128u, 138u, 139u, 134u, 135u};
  return std::ranges::find(kProfiles, profile) != kProfiles.end();
}

void skip_scaling_list(BitReader& in, int size) {
  std::int64_t last = 8, next = 8;  // wide, for what comes may be out of its range
  for (int i = 0; i < size && in.ok(); ++i) {
    if (next != 0) next = (last + in.se() + 256) % 256;
    if (next != 0) last = next;
  }
}

struct Chroma {
  std::uint32_t format = 1, luma_depth = 8, chroma_depth = 8;
  bool separate_planes = false;
};

Chroma read_chroma(BitReader& in) {
  Chroma out;
  out.format = in.ue();
  if (out.format == 3) out.separate_planes = in.flag();
  out.luma_depth = 8 + in.ue();
  out.chroma_depth = 8 + in.ue();
  in.skip(1);
  if (in.flag())
    for (int i = 0; i < (out.format == 3 ? 12 : 8); ++i)
      if (in.flag()) skip_scaling_list(in, i < 6 ? 16 : 64);
  return out;
}

void skip_picture_order(BitReader& in) {
  const auto type = in.ue();
  if (type == 0) in.ue();
  if (type != 1) return;
  in.skip(1);
  in.se();
  in.se();
  for (auto left = in.ue(); left > 0 && in.ok(); --left) in.se();
}

// H.264 §E.1.1 as far as the timing.
void read_vui(BitReader& in, VideoFormat& out) {
  if (in.flag()) read_pixel_shape(in, out);
  if (in.flag()) in.skip(1);  // overscan
  if (in.flag()) {            // video signal
    in.skip(4);
    if (in.flag()) in.skip(24);
  }
  if (in.flag()) {  // chroma location
    in.ue();
    in.ue();
  }
  if (!in.flag()) return;
  const auto units = in.bits(32), scale = in.bits(32);
  // A tick is a field; a frame has two.
  if (in.ok() && units > 0 && scale > 0 && units < UINT64_MAX / 2'000'000'000)
    out.frame_duration = nanoseconds{static_cast<std::int64_t>((units * 2'000'000'000 + scale / 2) / scale)};
}

struct Sps {
  Chroma chroma;
  VideoFormat format;
};

Result<Sps> read_sps(ByteView nal) {
  const auto payload = unescape(nal.subspan(std::min<std::size_t>(nal.size(), 1)));
  BitReader in(payload);
  Sps out;
  const auto profile = in.u32(8);
  in.skip(16);
  in.ue();
  if (has_chroma_fields(profile)) out.chroma = read_chroma(in);
  in.ue();
  skip_picture_order(in);
  in.ue();
  in.skip(1);
  const auto columns = in.ue() + 1, rows = in.ue() + 1;
  const bool frames_only = in.flag();
  if (!frames_only) in.skip(1);
  in.skip(1);
  std::array<std::uint32_t, 4> crop{};  // left, right, top, bottom
  if (in.flag())
    for (auto& side : crop) side = in.ue();
  if (!in.ok() || columns > 1024 || rows > 1024) return fail(ErrorKind::corrupt, "a sequence parameter set is cut off");
  const bool subsampled = out.chroma.format != 0 && !out.chroma.separate_planes;
  const std::uint32_t fields = frames_only ? 1 : 2;
  const std::uint64_t unit_x = subsampled && out.chroma.format < 3 ? 2 : 1;
  const std::uint64_t unit_y = (subsampled && out.chroma.format < 2 ? 2 : 1) * fields;
  const auto cut_x = unit_x * (std::uint64_t{crop[0]} + crop[1]), cut_y = unit_y * (std::uint64_t{crop[2]} + crop[3]);
  const std::uint64_t width = columns * 16, height = std::uint64_t{rows} * 16 * fields;
  if (cut_x >= width || cut_y >= height) return fail(ErrorKind::corrupt, "a sequence parameter set crops everything");
  out.format.width = static_cast<std::uint32_t>(width - cut_x);
  out.format.height = static_cast<std::uint32_t>(height - cut_y);
  if (in.flag()) read_vui(in, out.format);
  return out;
}

// An SEI message's type or size: bytes of 255 add up (H.264 §7.3.2.3.1).
std::size_t read_sei_number(ByteReader& in) {
  std::size_t value = 0;
  for (;;) {
    const auto byte = in.u8();
    value += byte;
    if (byte != 255 || !in.ok()) return value;
  }
}

}  // namespace

Result<VideoFormat> parse_avc_sps(ByteView nal) { return TRY(read_sps(nal)).format; }

std::uint32_t avc_first_macroblock(ByteView slice) {
  BitReader in(slice.subspan(1, std::min<std::size_t>(slice.size() - 1, 8)));
  return in.ue();
}

bool avc_has_recovery_point(ByteView sei) {
  constexpr std::size_t kRecoveryPoint = 6;
  const auto payload = unescape(sei.subspan(1));
  ByteReader in(payload);
  while (in.remaining() > 2) {
    const auto type = read_sei_number(in), size = read_sei_number(in);
    if (!in.ok()) return false;
    if (type == kRecoveryPoint) return true;
    in.skip(size);
  }
  return false;
}

Result<Bytes> make_avcc(const std::vector<ByteView>& sequence_sets, const std::vector<ByteView>& picture_sets) {
  if (sequence_sets.empty() || picture_sets.empty() || sequence_sets[0].size() < 4 || sequence_sets.size() > 31 ||
      picture_sets.size() > 255)
    return fail(ErrorKind::corrupt, "the video has no usable parameter sets");
  const auto sps = TRY(read_sps(sequence_sets[0]));
  Bytes out;
  ByteWriter writer(out);
  writer.u8(1);
  writer.raw(sequence_sets[0].subspan(1, 3));  // profile, compatibility, level
  writer.u8(0xff);                             // lengths have four bytes
  const auto write_sets = [&writer](const std::vector<ByteView>& sets) {
    for (const auto set : sets) {
      writer.u16(static_cast<std::uint16_t>(set.size()));
      writer.raw(set);
    }
  };
  writer.u8(static_cast<std::uint8_t>(0xe0 | sequence_sets.size()));
  write_sets(sequence_sets);
  writer.u8(static_cast<std::uint8_t>(picture_sets.size()));
  write_sets(picture_sets);
  const auto profile = std::to_integer<unsigned>(sequence_sets[0][1]);
  if (profile != 66 && profile != 77 && profile != 88) {
    writer.u8(static_cast<std::uint8_t>(0xfc | sps.chroma.format));
    writer.u8(static_cast<std::uint8_t>(0xf8 | (sps.chroma.luma_depth - 8)));
    writer.u8(static_cast<std::uint8_t>(0xf8 | (sps.chroma.chroma_depth - 8)));
    writer.u8(0);
  }
  return out;
}

Result<VideoFormat> parse_avcc(ByteView config) {
  ByteReader in(config);
  in.skip(6);
  const auto sps = in.take(in.u16());
  if (!in.ok() || sps.empty()) return fail(ErrorKind::corrupt, "an avcC record is cut off");
  return parse_avc_sps(sps);
}

}  // namespace aircheck::media
