#pragma once
// Maps the source's clock to the recording's. Pure. One offset serves all tracks, so that they stay in step; it changes only
// where the source's clock jumps (a discontinuity, an encoder that began anew), and then so that what was lost keeps its
// place: the recording's time goes on as the clock on the wall did. Holes are found here, from the timestamps themselves.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "capture/piece.hpp"
#include "core/job.hpp"

namespace aircheck::recorder {

class Timeline {
 public:
  /// Why a hole is there that no lost piece explains.
  static constexpr std::string_view kShortSegment = "a segment was shorter than announced";

  /// Everything a successor needs, per track of the stream (1 or 2).
  struct TrackClock {
    std::optional<nanoseconds> next_dts;  // source clock: where the next piece should begin
    nanoseconds end{0};                   // recording's clock: end of what was placed, of its main track (video)
    nanoseconds latest{0};                // the same of all its tracks
    int epoch = 0;                        // how many jumps of the clock this track has passed
    nanoseconds lost{0};                  // what the playlist promised of the pieces lost since the last placed one
    int unmeasured = 0;                   // of those, how many may be of any length: none was seen yet
    bool jump_ahead = false;              // a lost piece carried the discontinuity
    nanoseconds deficit{0};               // how much shorter than promised the last piece was
    std::string reason;                   // why pieces were lost
    std::optional<MissingSegments> missing{};  // and which, where they follow each other and their numbers are known
    std::optional<MissingSegments>
        short_segment{};  // the last placed piece, where it was shorter and its number is known
    bool operator==(const TrackClock&) const = default;
  };
  struct State {
    std::vector<TrackClock> tracks;
    std::vector<nanoseconds> offsets;  // by epoch; recording time = source time + offset
    nanoseconds sound_end{0};          // recording's clock: all sound before was written
    bool operator==(const State&) const = default;
  };

  struct Placed {
    nanoseconds offset{0};
    nanoseconds end{0};      // recording's clock, of this piece
    std::optional<Gap> gap;  // the hole right before it
  };

  explicit Timeline(std::size_t tracks) { state_.tracks.resize(tracks); }
  explicit Timeline(State state) : state_(std::move(state)) {}
  /// For another way to the same stream, with another number of tracks and a clock of its own: what comes next follows what was
  /// placed so far.
  static State carried_over(const State& state, std::size_t tracks);
  /// Where it is known how the other way's clock lies to the recording's: what comes next overlaps with what was placed so far. Once,
  /// before anything is placed.
  void begin_at(nanoseconds offset) { state_.offsets = {offset}; }
  const State& state() const { return state_; }

  struct FirstPiece {
    std::size_t track;
    const capture::Piece* piece;
  };
  /// Puts the recording's zero where the earliest of the tracks' first pieces begins. Without it the first piece placed
  /// decides, and a track that begins before it would have times below zero. No effect once something was placed.
  void begin_with(std::span<const FirstPiece> pieces);
  /// Instead, where the piece's end is what was placed last, by another way. No effect once something was placed.
  void begin_with_end_of(const FirstPiece& piece);
  /// Places a piece with packets. Pieces of one track come in order.
  Placed place(std::size_t track, const capture::Piece& piece);
  /// Where a piece with packets would begin, recording's clock; nothing while its clock is not known.
  std::optional<nanoseconds> foresee(std::size_t track, const capture::Piece& piece) const;
  /// Notes that a piece is lost. The hole gets its bounds when the next piece is placed, or from close().
  void lose(std::size_t track, const capture::Piece& piece);
  /// At the end of the stream: the holes that nothing follows.
  std::vector<Gap> close();
  /// Where all that was placed ends, recording's clock.
  nanoseconds end() const;

 private:
  // Source clock; `origin` and `latest` of all tracks, the rest of the main one.
  struct Extent {
    nanoseconds first_dts{0}, last_dts{0}, first_pts{0}, last_pts{0}, frame{0}, origin{0}, latest{nanoseconds::min()};
  };
  static Extent measure(const capture::Piece& piece);
  bool jumps(const TrackClock& clock, const Extent& extent, bool flagged) const;
  static nanoseconds first_offset(const TrackClock& clock, const Extent& extent);
  static void measure_lost(TrackClock& clock, const Extent& extent);
  nanoseconds offset_for(TrackClock& clock, const Extent& extent, bool jump);
  MissingSegments segments_of(std::size_t track, const capture::Piece& piece, capture::SequenceRange numbers) const;
  std::optional<MissingSegments> short_segment(std::size_t track, const capture::Piece& piece,
                                               nanoseconds deficit) const;
  std::optional<MissingSegments> missing_with(std::size_t track, const capture::Piece& piece) const;
  static std::optional<Gap> hole_before(const TrackClock& clock, nanoseconds begin, nanoseconds frame, bool jump);

  State state_;
};

}  // namespace aircheck::recorder
