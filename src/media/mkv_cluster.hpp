#pragma once
// Packets in, Matroska clusters out, as a gather list: headers from an arena of the result's own, payloads borrowed from the
// packets. Pure; payload bytes are never copied.

#include <span>
#include <vector>

#include "base/result.hpp"
#include "media/mkv_head.hpp"
#include "media/packet.hpp"

namespace aircheck::media {

struct MuxedPackets {
  std::vector<ByteView> pieces;  // in file order; borrow from `headers` and from the packets
  std::uint64_t bytes = 0;
  std::vector<Cue> cues;
  nanoseconds end{0};  // latest pts + duration, rebased
  Bytes headers;
};

/// Muxes packets (dts order, at least one) into clusters that begin at `file_position`; `offset` is added to all times. A new
/// cluster begins at each video key frame, without video after five seconds. Times are milliseconds, rounded half away from
/// zero. `key_prefix` (by track) goes in front of every key frame's payload. `internal` for a time below zero.
Result<MuxedPackets> mux_clusters(std::span<const Packet> packets, nanoseconds offset, std::uint64_t file_position,
                                  std::span<const Track> tracks, std::span<const Bytes> key_prefix = {});

}  // namespace aircheck::media
