#include "media/hevc_parameters.hpp"

#include <algorithm>
#include <array>

#include "media/bit_reader.hpp"
#include "media/hdr.hpp"
#include "media/pixel_shape.hpp"

namespace aircheck::media {
namespace {

constexpr std::size_t kNalHeader = 2;

Bytes payload_of(ByteView nal) { return unescape(nal.subspan(std::min(nal.size(), kNalHeader))); }

// §7.3.3
HevcProfile read_profile(BitReader& in, std::uint32_t layers) {
  HevcProfile out;
  out.space = in.u32(2);
  out.tier = in.u32(1);
  out.profile = in.u32(5);
  out.compatibility = in.u32(32);
  out.constraints = in.bits(48);
  out.level = in.u32(8);
  std::array<std::pair<bool, bool>, 8> present{};
  for (std::uint32_t i = 0; i + 1 < layers; ++i) present[i] = {in.flag(), in.flag()};
  if (layers > 1) in.skip(2 * (9 - layers));
  for (std::uint32_t i = 0; i + 1 < layers; ++i) in.skip((present[i].first ? 88u : 0u) + (present[i].second ? 8u : 0u));
  return out;
}

// §7.3.4
void skip_scaling_lists(BitReader& in) {
  for (int size = 0; size < 4; ++size)
    for (int matrix = 0; matrix < 6 && in.ok(); matrix += size == 3 ? 3 : 1) {
      if (!in.flag()) {
        in.ue();
        continue;
      }
      if (size > 1) in.se();
      for (int left = std::min(64, 1 << (4 + 2 * size)); left > 0; --left) in.se();
    }
}

// §7.3.7; returns the number of pictures in the set, which the next one may refer to.
std::uint32_t skip_reference_set(BitReader& in, bool first, std::uint32_t previous) {
  std::uint32_t count = 0;
  if (!first && in.flag()) {  // predicted from the previous one
    in.skip(1);
    in.ue();
    for (std::uint32_t i = 0; i <= previous && in.ok(); ++i)
      if (in.flag() || in.flag()) ++count;
    return count;
  }
  const std::uint64_t total = std::uint64_t{in.ue()} + in.ue();
  for (; count < total && in.ok(); ++count) {
    in.ue();
    in.skip(1);
  }
  return count;
}

void skip_reference_sets(BitReader& in, std::uint32_t picture_order_bits) {
  std::uint32_t previous = 0;
  const auto sets = in.ue();
  for (std::uint32_t i = 0; i < sets && in.ok(); ++i) previous = skip_reference_set(in, i == 0, previous);
  if (!in.flag()) return;  // long-term pictures
  for (auto left = in.ue(); left > 0 && in.ok(); --left) in.skip(picture_order_bits + 1);
}

// §E.2.3
void skip_sub_layer_hrd(BitReader& in, std::uint64_t buffers, bool sub_pictures) {
  for (; buffers > 0 && in.ok(); --buffers) {
    in.ue();
    in.ue();
    if (sub_pictures) {
      in.ue();
      in.ue();
    }
    in.skip(1);
  }
}

// §E.2.2
void skip_hrd(BitReader& in, std::uint32_t layers) {
  const bool network = in.flag(), video = in.flag();
  bool sub_pictures = false;
  if (network || video) {
    sub_pictures = in.flag();
    if (sub_pictures) in.skip(19);
    in.skip(8);
    if (sub_pictures) in.skip(4);
    in.skip(15);
  }
  for (std::uint32_t i = 0; i < layers && in.ok(); ++i) {
    const bool fixed = in.flag() || in.flag();
    bool low_delay = false;
    if (fixed) in.ue();
    else low_delay = in.flag();
    const std::uint64_t buffers = low_delay ? 1 : std::uint64_t{in.ue()} + 1;
    if (network) skip_sub_layer_hrd(in, buffers, sub_pictures);
    if (video) skip_sub_layer_hrd(in, buffers, sub_pictures);
  }
}

void read_timing(BitReader& in, HevcSps& out) {
  const auto units = in.bits(32), scale = in.bits(32);
  if (in.ok() && units > 0 && scale > 0)
    out.format.frame_duration = nanoseconds{static_cast<std::int64_t>((units * 1'000'000'000 + scale / 2) / scale)};
  if (in.flag()) in.ue();
  if (in.flag()) skip_hrd(in, out.temporal_layers);
}

// What is not described is unspecified, but for the range.
void read_signal(BitReader& in, Colour& out) {
  in.skip(3);
  const bool full = in.flag(), described = in.flag();
  const auto primaries = described ? in.u32(8) : Colour::kUnspecified,
             transfer = described ? in.u32(8) : Colour::kUnspecified,
             matrix = described ? in.u32(8) : Colour::kUnspecified;
  if (in.ok())
    out.set(static_cast<std::uint8_t>(primaries), static_cast<std::uint8_t>(transfer),
            static_cast<std::uint8_t>(matrix), full);
}

// §E.2.1
void read_vui(BitReader& in, HevcSps& out) {
  if (in.flag()) read_pixel_shape(in, out.format);
  if (in.flag()) in.skip(1);  // overscan
  if (in.flag()) read_signal(in, out.format.colour);
  if (in.flag()) {  // chroma location
    in.ue();
    in.ue();
  }
  in.skip(3);
  if (in.flag())  // default display window
    for (int i = 0; i < 4; ++i) in.ue();
  if (in.flag()) read_timing(in, out);
  if (!in.flag()) return;  // bitstream restrictions
  in.skip(3);
  const auto segmentation = in.ue();
  if (in.ok() && segmentation <= 4096) out.min_spatial_segmentation = segmentation;
}

Result<void> read_size(BitReader& in, HevcSps& out) {
  out.chroma_format = in.ue();
  const bool separate_planes = out.chroma_format == 3 && in.flag();
  const std::uint64_t width = in.ue(), height = in.ue();
  std::array<std::uint64_t, 4> crop{};  // left, right, top, bottom
  if (in.flag())
    for (auto& side : crop) side = in.ue();
  const bool subsampled = out.chroma_format != 0 && !separate_planes;
  const auto cut_x = (crop[0] + crop[1]) * (subsampled && out.chroma_format < 3 ? 2 : 1);
  const auto cut_y = (crop[2] + crop[3]) * (subsampled && out.chroma_format < 2 ? 2 : 1);
  if (!in.ok() || width > UINT16_MAX || height > UINT16_MAX || cut_x >= width || cut_y >= height ||
      out.chroma_format > 3)
    return fail(ErrorKind::corrupt, "a sequence parameter set is cut off or describes no picture");
  out.format.width = static_cast<std::uint32_t>(width - cut_x);
  out.format.height = static_cast<std::uint32_t>(height - cut_y);
  return {};
}

void skip_coding_tools(BitReader& in, std::uint32_t layers) {
  const auto first = in.flag() ? 0u : layers - 1;
  for (auto i = first; i < layers; ++i)
    for (int field = 0; field < 3; ++field) in.ue();
  for (int field = 0; field < 6; ++field) in.ue();  // block sizes
  if (in.flag() && in.flag()) skip_scaling_lists(in);
  in.skip(2);
  if (!in.flag()) return;  // PCM
  in.skip(8);
  in.ue();
  in.ue();
  in.skip(1);
}

}  // namespace

Result<HevcSps> parse_hevc_sps(ByteView nal) {
  const auto payload = payload_of(nal);
  BitReader in(payload);
  HevcSps out;
  in.skip(4);
  out.temporal_layers = in.u32(3) + 1;
  out.temporal_nesting = in.flag();
  out.profile = read_profile(in, out.temporal_layers);
  in.ue();
  TRY(read_size(in, out));
  out.luma_depth = 8 + in.ue();
  out.chroma_depth = 8 + in.ue();
  const auto picture_order_bits = in.ue() + 4;
  if (!in.ok() || out.luma_depth > 16 || out.chroma_depth > 16 || picture_order_bits > 16)
    return fail(ErrorKind::corrupt, "a sequence parameter set is cut off");
  skip_coding_tools(in, out.temporal_layers);
  skip_reference_sets(in, picture_order_bits);
  in.skip(2);
  if (in.flag()) read_vui(in, out);
  return out;
}

Result<HevcVps> parse_hevc_vps(ByteView nal) {
  const auto payload = payload_of(nal);
  BitReader in(payload);
  HevcVps out;
  in.skip(12);
  out.temporal_layers = in.u32(3) + 1;
  in.skip(17);
  out.profile = read_profile(in, out.temporal_layers);
  if (!in.ok()) return fail(ErrorKind::corrupt, "a video parameter set is cut off");
  return out;
}

void read_hevc_sei(ByteView nal, Colour& out) {
  constexpr std::size_t kMastering = 137, kLightLevel = 144;
  const auto payload = payload_of(nal);
  ByteReader in(payload);
  // A number is as many bytes of 255 as fit, and the rest (§7.3.5).
  const auto number = [&in] {
    std::size_t value = 0;
    for (;;) {
      const auto byte = in.u8();
      value += byte;
      if (byte != 255) return value;
    }
  };
  while (in.ok() && in.remaining() > 2) {
    const auto type = number(), size = number();
    const auto body = in.take(size);
    if (in.ok() && type == kMastering) read_mastering(body, out);
    if (in.ok() && type == kLightLevel) read_light_level(body, out);
  }
}

std::uint32_t hevc_parallelism(ByteView picture_set) {
  const auto payload = payload_of(picture_set);
  BitReader in(payload);
  in.ue();
  in.ue();
  in.skip(7);
  in.ue();
  in.ue();
  in.se();
  in.skip(2);
  if (in.flag()) in.ue();
  in.se();
  in.se();
  in.skip(4);
  const bool tiles = in.flag(), wavefronts = in.flag();
  if (tiles && wavefronts) return 0;
  return wavefronts ? 3 : tiles ? 2 : 1;
}

}  // namespace aircheck::media
