#pragma once
// HEVC's parameter sets (ITU-T H.265 §7.3.2, annexes C and E) as far as a container repeats them. Pure; thread-safe.
// NAL units are taken without start code or length, with their two bytes of header.

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "media/video_format.hpp"

namespace aircheck::media {

/// profile_tier_level(): what a decoder must be able to do.
struct HevcProfile {
  std::uint32_t space = 0, tier = 0, profile = 0;
  std::uint32_t compatibility = 0;  // 32 flags
  std::uint64_t constraints = 0;    // 48 flags
  std::uint32_t level = 0;
};

struct HevcSps {
  HevcProfile profile;
  std::uint32_t temporal_layers = 1;
  bool temporal_nesting = false;
  std::uint32_t chroma_format = 1, luma_depth = 8, chroma_depth = 8;
  std::uint32_t min_spatial_segmentation = 0;
  VideoFormat format;
};

struct HevcVps {
  HevcProfile profile;
  std::uint32_t temporal_layers = 1;
};

/// `corrupt` where the unit ends too early or describes an impossible picture.
Result<HevcSps> parse_hevc_sps(ByteView nal);
Result<HevcVps> parse_hevc_vps(ByteView nal);

/// What a SEI unit says of mastering and light levels, put into `out`.
void read_hevc_sei(ByteView nal, Colour& out);

/// How a picture can be decoded in parallel, as hvcC's parallelismType says it: 1 slices, 2 tiles, 3 wavefronts, 0 mixed.
std::uint32_t hevc_parallelism(ByteView picture_set);

}  // namespace aircheck::media
