#include "media/hevc.hpp"

#include <algorithm>
#include <optional>

#include "media/hevc_parameters.hpp"

namespace aircheck::media {
namespace {

constexpr std::size_t kBeforeArrays = 22;

// What satisfies all parameter sets together.
void merge(const HevcProfile& other, HevcProfile& out) {
  out.space = other.space;
  out.level = out.tier < other.tier ? other.level : std::max(out.level, other.level);
  out.tier = std::max(out.tier, other.tier);
  out.profile = std::max(out.profile, other.profile);
  out.compatibility &= other.compatibility;
  out.constraints &= other.constraints;
}

void write_profile(const HevcProfile& profile, ByteWriter& out) {
  out.u8(static_cast<std::uint8_t>(profile.space << 6 | profile.tier << 5 | profile.profile));
  out.u32(profile.compatibility);
  out.big_endian(profile.constraints, 6);
  out.u8(static_cast<std::uint8_t>(profile.level));
}

void write_array(HevcNal type, const std::vector<ByteView>& sets, ByteWriter& out) {
  out.u8(static_cast<std::uint8_t>(type));  // not "complete": more may come in the stream
  out.u16(static_cast<std::uint16_t>(sets.size()));
  for (const auto set : sets) {
    out.u16(static_cast<std::uint16_t>(set.size()));
    out.raw(set);
  }
}

}  // namespace

Result<Bytes> make_hvcc(const std::vector<ByteView>& video_sets, const std::vector<ByteView>& sequence_sets,
                        const std::vector<ByteView>& picture_sets) {
  if (video_sets.empty() || sequence_sets.empty() || picture_sets.empty())
    return fail(ErrorKind::corrupt, "the video has no usable parameter sets");
  HevcProfile profile{.compatibility = UINT32_MAX, .constraints = UINT64_MAX >> 16};
  std::uint32_t layers = 1, parallelism = 0;
  for (const auto set : video_sets) {
    const auto vps = TRY(parse_hevc_vps(set));
    merge(vps.profile, profile);
    layers = std::max(layers, vps.temporal_layers);
  }
  HevcSps sps;
  for (const auto set : sequence_sets) {
    sps = TRY(parse_hevc_sps(set));
    merge(sps.profile, profile);
    layers = std::max(layers, sps.temporal_layers);
  }
  if (sps.min_spatial_segmentation != 0) parallelism = hevc_parallelism(picture_sets.back());
  Bytes out;
  ByteWriter writer(out);
  writer.u8(1);
  write_profile(profile, writer);
  writer.u16(static_cast<std::uint16_t>(0xf000 | sps.min_spatial_segmentation));
  writer.u8(static_cast<std::uint8_t>(0xfc | parallelism));
  writer.u8(static_cast<std::uint8_t>(0xfc | sps.chroma_format));
  writer.u8(static_cast<std::uint8_t>(0xf8 | (sps.luma_depth - 8)));
  writer.u8(static_cast<std::uint8_t>(0xf8 | (sps.chroma_depth - 8)));
  writer.u16(0);  // average frame rate: unknown
  writer.u8(static_cast<std::uint8_t>(layers << 3 | (sps.temporal_nesting ? 4u : 0u) | 3u));
  writer.u8(3);
  write_array(HevcNal::video_parameters, video_sets, writer);
  write_array(HevcNal::sequence_parameters, sequence_sets, writer);
  write_array(HevcNal::picture_parameters, picture_sets, writer);
  return out;
}

Result<VideoFormat> parse_hvcc(ByteView config) {
  ByteReader in(config);
  in.skip(kBeforeArrays);
  std::optional<VideoFormat> format;
  Colour from_sei;
  for (auto arrays = in.u8(); arrays > 0 && in.ok(); --arrays) {
    const auto type = static_cast<HevcNal>(in.u8() & 0x3f);
    for (auto count = in.u16(); count > 0 && in.ok(); --count) {
      const auto unit = in.take(in.u16());
      if (!in.ok()) break;
      if (type == HevcNal::sequence_parameters && !format) format = TRY(parse_hevc_sps(unit)).format;
      if (type == HevcNal::prefix_sei) read_hevc_sei(unit, from_sei);
    }
  }
  if (!format) return fail(ErrorKind::corrupt, "an hvcC record has no sequence parameter set");
  complete(format->colour, from_sei);
  return *format;
}

}  // namespace aircheck::media
