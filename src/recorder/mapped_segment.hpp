#pragma once
// A segment that is fetched for a finished file: its packets by the file's tracks, on the source's clock. Pure.

#include <vector>

#include "capture/piece.hpp"
#include "media/packet.hpp"

namespace aircheck::recorder {

struct MappedSegment {
  std::vector<media::Packet>
      packets;                   // their dts are made up, see make_up_dts(); borrow from the piece and from `storage`
  std::vector<Bytes> storage;    // of what had parameter sets put in front
  nanoseconds begin{0}, end{0};  // of its main track
  bool new_sets = false;         // some had: they are others than the file's
};

/// `unsupported` where it is coded otherwise than the file. The piece has packets.
Result<MappedSegment> map_segment(const capture::Piece& piece, const std::vector<media::Track>& file);

/// Takes out all that is not of the kind; a piece that then has nothing is lost.
void restrict_to(media::TrackKind kind, capture::Piece& piece);

/// How much shorter the segment is than its playlist promised; 0 where it is whole, or nobody knows.
nanoseconds shortfall_of(const capture::Piece& piece, const MappedSegment& segment);

}  // namespace aircheck::recorder
