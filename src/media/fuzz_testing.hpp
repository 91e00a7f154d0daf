#pragma once
// What fuzzers of demuxers have in common.

#include <cstdlib>
#include <vector>

#include "media/packet.hpp"

namespace aircheck::media {

/// Dies where a packet borrows what was not given, or more was made of the input than there is. Packets of nothing are no harm.
inline void check_packets(const std::vector<Packet>& packets, std::size_t tracks, ByteView input) {
  std::size_t total = 0;
  for (const auto& [track, key, pts, dts, duration, data] : packets) {
    total += data.size();
    const bool inside =
        data.empty() || (data.data() >= input.data() && data.data() + data.size() <= input.data() + input.size());
    if (!inside || track >= tracks || total > input.size() || duration < nanoseconds{0}) std::abort();
  }
}

/// The same of a segment, whose packets are all of something.
inline void check_segment(const DemuxedSegment& segment, ByteView input) {
  check_packets(segment.packets, segment.tracks.size(), input);
  for (const auto& packet : segment.packets)
    if (packet.data.empty()) std::abort();
}

}  // namespace aircheck::media
