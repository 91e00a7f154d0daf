#pragma once
// A TrackEntry of a Matroska or WebM file. Pure; thread-safe.

#include <string>

#include "base/result.hpp"
#include "media/packet.hpp"

namespace aircheck::media {

struct TrackEntry {
  Track track;           // its id is the track's number in the file
  std::string codec_id;  // as the file has it
  std::string unknown;   // why it is nothing that we know; empty: we do
  bool encoded = false;  // encrypted, or packed
};

/// `body`: of the element. `corrupt` when it is cut off.
Result<TrackEntry> read_track_entry(ByteView body);

}  // namespace aircheck::media
