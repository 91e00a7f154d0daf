#pragma once
// What cutting a video stream into access units needs to know of its codec, H.264 or HEVC. Pure; thread-safe.

#include <cstdint>
#include <vector>

#include "base/result.hpp"
#include "media/video_format.hpp"

namespace aircheck::media {

/// What a NAL unit means for access units, whatever the codec.
struct NalRole {
  enum class Set { none, video, sequence, picture };
  static constexpr std::uint32_t kLater = UINT32_MAX;  // somewhere after the first
  bool delimits = false;  // cannot stand after a picture's slices: what follows is the next access unit
  bool slice = false;
  bool random_access = false;   // slice of a picture at which decoding may begin
  bool recovery_point = false;  // says the same of the picture that follows
  std::uint32_t position = 0;   // of a slice in its picture; 0 is the first
  Set set = Set::none;          // the kind of parameter set
};

struct VideoCoding {
  Codec codec = Codec::h264;
  /// Of a NAL unit that is not empty.
  NalRole (*classify)(ByteView nal) = nullptr;
  /// codec_private out of the parameter sets of one access unit: video (HEVC only), sequence, picture.
  Result<Bytes> (*config)(const std::vector<ByteView>& video, const std::vector<ByteView>& sequence,
                          const std::vector<ByteView>& picture) = nullptr;
  /// The picture that a codec_private describes.
  Result<VideoFormat> (*format)(ByteView config) = nullptr;
};

/// By a transport stream's stream_type; nullptr for anything else.
const VideoCoding* find_video_coding(std::uint8_t stream_type);

}  // namespace aircheck::media
