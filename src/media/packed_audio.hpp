#pragma once
// Packed audio segments (RFC 8216 §3.4): ADTS, MP3 or AC-3 frames behind an ID3 tag with the time of the first one. Pure and
// thread-safe; the state between segments is the transport stream's.

#include "media/ts.hpp"

namespace aircheck::media {

/// One track. A segment without a timestamp goes on where the last one ended. `corrupt` when it holds no frame; the state is
/// then untouched.
Result<DemuxedSegment> demux_packed_audio(ByteView segment, TsState& state);

}  // namespace aircheck::media
