#pragma once
// HEVC (ITU-T H.265, ISO/IEC 14496-15 §8): NAL unit types and the hvcC record. Pure; thread-safe.
// NAL units are taken without start code or length.

#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "media/video_format.hpp"

namespace aircheck::media {

enum class HevcNal : std::uint8_t {
  last_leading_picture = 9,  // RASL_R; slices up to here
  first_random_access = 16,  // BLA_W_LP
  last_random_access = 21,   // CRA; slices from first_random_access to here
  video_parameters = 32,
  sequence_parameters = 33,
  picture_parameters = 34,
  delimiter = 35,
  end_of_bitstream = 37,
  prefix_sei = 39,
};

/// Of a NAL unit that is not empty.
inline HevcNal hevc_nal_type(ByteView nal) {
  return static_cast<HevcNal>(std::to_integer<unsigned>(nal[0]) >> 1 & 0x3f);
}

/// hvcC (ISO/IEC 14496-15 §8.3.3.1) with four-byte lengths. `corrupt` without a usable parameter set of each kind.
Result<Bytes> make_hvcc(const std::vector<ByteView>& video_sets, const std::vector<ByteView>& sequence_sets,
                        const std::vector<ByteView>& picture_sets);

/// The picture that an hvcC record describes, by its first sequence parameter set and its SEI units.
Result<VideoFormat> parse_hvcc(ByteView config);

}  // namespace aircheck::media
