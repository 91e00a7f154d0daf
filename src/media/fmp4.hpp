#pragma once
// Fragmented MP4 (ISO/IEC 14496-12): the init section into tracks, fragments into packets that borrow from them. Pure;
// thread-safe. Video: H.264, HEVC, AV1, VP9. Audio: AAC, MP3, Opus, AC-3.

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "media/packet.hpp"

namespace aircheck::media {

/// What a fragment may leave out about its samples.
struct SampleDefaults {
  std::uint32_t duration = 0;  // ticks
  std::uint32_t size = 0;      // bytes
  std::uint32_t flags = 0;     // as in ISO/IEC 14496-12 §8.8.3.1
};

struct Fmp4Track {
  Track track;
  std::uint32_t timescale = 0;  // ticks per second, never 0
  nanoseconds shift{0};         // to be added to all times: what the edit list says
  SampleDefaults defaults;
};

struct Fmp4Init {
  std::vector<Fmp4Track> tracks;      // at most one video, then at most one audio track
  std::vector<std::string> left_out;  // tracks that are not recorded, in words
};

/// The init section, or a fragment that begins with one. `corrupt` where it does not parse, `unsupported` (with words) where
/// it is encrypted or has nothing that we record.
Result<Fmp4Init> parse_fmp4_init(ByteView bytes);

/// The packets of one or more fragments, borrowed from `fragment`. Where it brings a header of its own, that one counts.
/// `corrupt` where bytes are missing or point anywhere else.
Result<DemuxedSegment> demux_fmp4(const Fmp4Init& init, ByteView fragment);

}  // namespace aircheck::media
