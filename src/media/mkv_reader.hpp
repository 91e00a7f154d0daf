#pragma once
// Reads the Matroska files that we have written: the head, and one cluster at a time. Not everybody's files: what we never
// write, such as lacing or other ticks than milliseconds, is refused. Pure; thread-safe.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "media/mkv_head.hpp"
#include "media/packet.hpp"

namespace aircheck::media {

/// What stands in front of an element's body.
struct MkvElement {
  std::uint32_t id = 0;
  std::uint64_t header = 0;  // bytes
  std::uint64_t body = 0;    // bytes; meaningless where the size is unknown
  bool unknown_size = false;
};
/// Of the element that `bytes` begin with; sixteen bytes are always enough. Nothing where they make no sense.
std::optional<MkvElement> read_mkv_element(ByteView bytes);

struct MkvHead {
  HeadInfo info;              // the file's length is left out; attachments count from the start of the file
  std::vector<Track> tracks;  // ids are track numbers
  std::vector<Cue> cues;
  std::size_t size = 0;           // bytes before what follows the head: the first cluster, or attachments
  std::uint64_t file_length = 0;  // as the segment's size has it; 0: the file was never finished
};
/// `bytes`: the file's begin, and more of it than its head. `corrupt` where that is cut off, `unsupported` for a file that is
/// none of ours.
Result<MkvHead> parse_mkv_head(ByteView bytes);

/// The timestamp, milliseconds, of the cluster whose body begins with `bytes`; nothing where that begins otherwise.
std::optional<std::uint64_t> mkv_cluster_time(ByteView bytes);

/// The packets of a cluster, of which `body` is the body, in the file's order, borrowed. Times are the file's, a track's codec
/// delay taken off; dts are set to the pts, for Matroska keeps none. A duration of 0 is not known.
Result<std::vector<Packet>> parse_mkv_cluster(ByteView body, std::span<const Track> tracks);

}  // namespace aircheck::media
