#pragma once
// What demuxers yield and the Matroska writer takes: tracks and packets. Plain values. Packets borrow their bytes from the
// DemuxedSegment (or the segment's own buffer) they came in and live no longer.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "media/colour.hpp"

namespace aircheck::media {

enum class TrackKind { video, audio };
enum class Codec { h264, hevc, av1, vp9, aac, mp3, opus, ac3 };

struct Track {
  std::uint32_t id = 0;  // the source's own: PID in TS, track_ID in fMP4
  TrackKind kind = TrackKind::video;
  Codec codec = Codec::h264;
  /// As Matroska wants it: avcC, hvcC, av1C, vpcC, AudioSpecificConfig, OpusHead; empty for MP3 and AC-3.
  Bytes codec_private;
  std::uint32_t width = 0, height = 0;                  // coded and cropped, pixels
  std::uint32_t display_width = 0, display_height = 0;  // with the sample aspect ratio; 0: as coded
  Colour colour;                                        // of a picture
  std::uint32_t sample_rate = 0, channels = 0;
  nanoseconds default_duration{0};              // of one frame where it is constant; 0: unknown
  nanoseconds codec_delay{0}, seek_preroll{0};  // Opus
  bool operator==(const Track&) const = default;
};

/// One access unit as Matroska stores it: length-prefixed NAL units, raw AAC without ADTS.
/// Times are exact to the nanosecond on the source's own clock (not rebased), in any order of magnitude, maybe negative.
struct Packet {
  std::uint32_t track = 0;  // index into DemuxedSegment::tracks
  bool key = false;
  nanoseconds pts{0}, dts{0};
  nanoseconds duration{0};  // 0: unknown
  ByteView data;
};

struct DemuxedSegment {
  std::vector<Track> tracks;    // video first
  std::vector<Packet> packets;  // by dts over all tracks; of equal ones the lower track first
  std::vector<Bytes> storage;   // what packets may borrow from
};

/// "h264", "aac" …
std::string_view to_string(Codec codec);

}  // namespace aircheck::media
