#pragma once
// What a track hands on, in order: a demuxed segment, or the statement that some segments could not be had.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "media/packet.hpp"

namespace aircheck::capture {

/// Ways to the same stream. `hls`: segments that a playlist lists. `fragments`: numbered ones, video and audio apart, which
/// YouTube keeps for days. `pipe`: what yt-dlp downloads by itself, whatever it takes; nothing can be asked for twice.
enum class Rung { hls, fragments, pipe };

/// "fragments", "HLS", "yt-dlp's own download".
std::string_view in_words(Rung rung);

/// Where a track goes on after a restart.
struct Position {
  std::uint64_t next_sequence = 0;
  std::string demux_state;  // opaque; what the demuxer carries from segment to segment
  Rung rung = Rung::hls;
  std::uint64_t epoch = 0;  // of fragments: how often the broadcaster's encoder has begun anew; numbers count within it
  std::string format_id;    // what yt-dlp calls the format
  bool common_numbers = false;  // of HLS: its segments are numbered as the fragments are
  /// Of a way that goes on from yt-dlp's own download: when the last that is recorded came. The number says nothing of that then.
  std::optional<Instant> behind{};
  bool operator==(const Position&) const = default;
};

/// Both ends included.
struct SequenceRange {
  std::uint64_t first = 0, last = 0;
};

/// Where a piece lies behind what was recorded by another way, with which it has no numbers in common.
struct Seam {
  nanoseconds after{0};  // so much later it begins, by the clock on the wall; below 0: it may be recorded already
  bool sure = false;     // nothing of it can be recorded already
};

struct Piece {
  bool lost = false;
  Error error;                           // why it is lost
  std::optional<SequenceRange> missing;  // what is lost, where its numbers are known
  nanoseconds duration{0};               // as the playlist says, of all that is lost
  bool discontinuity = false;            // the timestamps or the coding may change here
  std::optional<Seam> seam{};            // until it is known where the way goes on
  media::DemuxedSegment media;
  Bytes raw;       // what media's packets may borrow from
  Position after;  // where to go on once this piece is committed
};

}  // namespace aircheck::capture
