#pragma once
// H.264 (ITU-T H.264, ISO/IEC 14496-15): NAL unit types, sequence parameter sets, and the avcC record. Pure; thread-safe.
// NAL units are taken without start code or length.

#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "media/video_format.hpp"

namespace aircheck::media {

enum class AvcNal : std::uint8_t {
  slice = 1,
  partition_a = 2,
  idr_slice = 5,
  sei = 6,
  sequence_parameters = 7,
  picture_parameters = 8,
  delimiter = 9,
};

/// Of a NAL unit that is not empty.
inline AvcNal avc_nal_type(ByteView nal) { return static_cast<AvcNal>(std::to_integer<unsigned>(nal[0]) & 0x1f); }

/// `corrupt` where the unit ends too early or describes an impossible picture.
Result<VideoFormat> parse_avc_sps(ByteView nal);

/// The position of a slice's first macroblock: 0 begins a picture.
std::uint32_t avc_first_macroblock(ByteView slice);

/// Whether the SEI unit carries a recovery point: decoding may begin here although it is no IDR picture.
bool avc_has_recovery_point(ByteView sei);

/// avcC (ISO/IEC 14496-15 §5.3.3.1) with four-byte lengths. `corrupt` without a usable parameter set of each kind.
Result<Bytes> make_avcc(const std::vector<ByteView>& sequence_sets, const std::vector<ByteView>& picture_sets);

/// The picture that an avcC record describes, by its first sequence parameter set.
Result<VideoFormat> parse_avcc(ByteView config);

}  // namespace aircheck::media
