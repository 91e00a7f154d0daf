#pragma once
// MPEG-2 transport stream segments (ISO/IEC 13818-1) into tracks and packets. Pure and thread-safe; one call per segment, with
// a small state between them that can be written down, so that another process goes on where one was killed.
// Video: H.264 and HEVC. Audio: AAC in ADTS, MPEG audio, AC-3.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "media/packet.hpp"
#include "media/ts_stream.hpp"

namespace aircheck::media {

/// What passes from a segment to the next. A new one begins a new clock.
struct TsState {
  /// 33-bit clocks are unwrapped to the value nearest to this: the last decoding time so far.
  std::optional<nanoseconds> near;
  std::vector<TsStream> streams;

  // Of the last segment only, and not written down:
  std::size_t damage = 0;  // lost, cut or erroneous packets seen: it may be worth asking for the segment again
  std::vector<std::string> left_out;  // streams that are not recorded, in words

  /// One short line without control characters.
  std::string to_text() const;
  /// `corrupt` for anything that to_text has not written. "" is a new state.
  static Result<TsState> from_text(std::string_view text);
};

/// `corrupt` (with words, the state untouched) when nothing in the segment can be used, `unsupported` when it is whole but
/// encrypted or of codecs that we do not record. Smaller damage is counted in the state. Packets borrow from the result's
/// storage only, never from `segment`.
Result<DemuxedSegment> demux_ts(ByteView segment, TsState& state);

}  // namespace aircheck::media
