#pragma once
// WebM, and Matroska as live packagers write it (RFC 9559): the header into tracks, clusters into packets that borrow from
// them. Pure; thread-safe. Video: VP9, AV1. Audio: Opus, AAC, MP3, AC-3.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "media/packet.hpp"

namespace aircheck::media {

struct WebmInit {
  std::vector<Track> tracks;          // at most one video, then at most one audio track; ids are track numbers
  std::int64_t tick = 1'000'000;      // nanoseconds
  std::vector<std::string> left_out;  // tracks that are not recorded, in words
};

/// The header (EBML, Info, Tracks), or a fragment that begins with one. `corrupt` where it does not parse, `unsupported` (with
/// words) where it is encrypted or has nothing that we record.
Result<WebmInit> parse_webm_init(ByteView bytes);

/// The packets of one or more clusters, borrowed from `fragment`. Where it brings a header of its own, that one counts.
/// `corrupt` where bytes are missing.
Result<DemuxedSegment> demux_webm(const WebmInit& init, ByteView fragment);

}  // namespace aircheck::media
