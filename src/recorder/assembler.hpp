#pragma once
// Brings the pieces of a stream's tracks together into batches: places each on the timeline and, where video and audio come
// apart, cuts the audio to what belongs with each piece of video. Pure but for the pull of pieces; not thread-safe.

#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "capture/piece.hpp"
#include "recorder/journal.hpp"
#include "recorder/recording.hpp"
#include "recorder/timeline.hpp"
#include "recorder/written_tail.hpp"

namespace aircheck::recorder {

class Assembler {
 public:
  /// `positions` and `timeline` as a recording's journal has them, or empty. `joins`, which is borrowed until the first batch: what was
  /// written last by another way, which this one has no numbers in common with. Then pieces are left out until one is found in
  /// it by its content, from which on nothing is written twice; or one was surely broadcast later, and the hole between is told.
  Assembler(std::size_t tracks, std::vector<TrackPosition> positions, std::optional<Timeline::State> timeline,
            const WrittenTail* joins = nullptr);

  /// Which track's piece would help now: one that has none in hand, or whose time lags behind the video's.
  bool wants(std::size_t track) const;
  /// Whether video that is in hand cannot be handed on for want of this track.
  bool holds_up(std::size_t track) const;
  void push(std::size_t track, capture::Piece piece);
  /// No more pieces will come of this track.
  void close(std::size_t track);
  /// It has kept the others waiting for too long: on without it until it brings something again. What that is too late for is
  /// lost.
  void leave(std::size_t track);

  /// The next batch when one is complete. It borrows from pieces that are kept until release().
  std::optional<Batch> next();
  /// The last batch has been written: its pieces' buffers, for reuse.
  std::vector<Bytes> release();
  /// The holes at the very end.
  std::vector<Gap> close_timeline();
  nanoseconds end() const { return timeline_.end(); }
  /// Whether anything is in hand that no batch has carried yet.
  bool empty() const;

 private:
  struct Held {
    capture::Piece piece;
    Timeline::Placed placed;
    Timeline::TrackClock before;  // its track's clock, before it was placed
    std::size_t next_packet = 0;
  };
  struct Lane {
    std::deque<Held> held;
    std::optional<capture::Piece> first;  // waits for the other tracks' first, that the zero can be set
    nanoseconds covered{0};               // recording's clock: everything before is in hand
    bool closed = false;
    bool left = false;                         // closed, until it brings something
    bool catching_up = false;                  // the file has gone on without it
    bool joining = false;                      // nothing was taken yet behind what another way has brought
    nanoseconds passed_over{0};                // meanwhile: so far behind that the pieces left out reach
    TrackPosition position;                    // after everything that batches have carried
    std::optional<nanoseconds> written_until;  // of the first piece after a restart: it was written in part
  };

  void catch_up(std::size_t track, capture::Piece& piece);
  bool join(std::size_t track, const capture::Piece& piece);
  void lose_between(std::size_t track, nanoseconds duration);
  static void drop_known(Lane& lane, Held& held);
  void drop_written_picture(Held& held) const;
  void drop_written_sound(Held& held) const;
  void note_sound(const Batch& batch);
  void place(std::size_t track, capture::Piece piece);
  void pass(Lane& lane, const capture::Position& after);
  void place_first_pieces();
  void take_lead(Batch& batch);
  void take_until(std::size_t track, nanoseconds limit, std::uint32_t first_index, Batch& batch);
  bool others_cover(nanoseconds time) const;
  Timeline::State committed_clocks() const;

  Timeline timeline_;
  bool begun_ = false;        // the recording's zero is set
  nanoseconds lead_end_{0};   // recording's clock, of what batches have carried
  nanoseconds sound_end_{0};  // the same of sound
  nanoseconds known_sound_{
      0};  // the same when another way to the stream took over: what it brings of that again is dropped
  nanoseconds known_picture_{0};  // where a piece was found in what another way has brought
  const WrittenTail* joins_ = nullptr;
  std::vector<Lane> lanes_;
  std::vector<Gap> gaps_;     // found, not yet in a batch
  bool only_lost_ = false;    // positions moved on although no packets came
  std::vector<Held> in_use_;  // what the present batch borrows from
};

}  // namespace aircheck::recorder
