#pragma once
// One hole of a finished recording: its segments are asked for once more, placed on the file's clock by a neighbour that is in
// the file already, and what the file does not have is put into the spool. By another way than the hole was recorded by, what
// comes may be coded by another encoder: then the picture is placed by the hole's bounds, the sound as its picture was, and a
// packet goes where the file has none. Not thread-safe; borrows everything.

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "capture/refetch.hpp"
#include "core/job.hpp"
#include "core/ports.hpp"
#include "net/loop.hpp"
#include "recorder/mapped_segment.hpp"
#include "recorder/recorded_file.hpp"
#include "recorder/rewrite.hpp"
#include "recorder/spool.hpp"
#include "recorder/timeline.hpp"

namespace aircheck::recorder {

/// What a spool has of a track, on the file's clock.
struct Span {
  std::uint32_t track = 0;
  nanoseconds begin{0}, end{0};
};

struct GapFillOptions {
  net::Loop& loop;
  std::function<capture::Refetch&()> refetch;  // for the hole's segments, in order
  std::function<capture::Refetch&()> another;  // for a look at its far side meanwhile
  std::function<void()> on_segment;            // one of the hole's was had, or not
  std::function<bool()> ended;                 // by the user
  std::vector<Span>& spooled;                  // of this file, by all runs
  struct AnotherWay {
    media::Track like;                    // the file's track that is wanted, and no other
    std::optional<nanoseconds> offset{};  // the file's clock less the source's, where its picture has shown it
    nanoseconds before{0}, after{0};      // beyond the hole's bounds, where sound of its neighbours may be missing too
  };
  std::optional<AnotherWay> another_way{};
};

struct GapFilled {
  std::vector<SpoolRange> ranges;     // what is new
  std::vector<StalePacket> stale;     // what the file has in part, and the spool as a whole
  std::vector<Gap> left;              // on the file's clock; the gap itself where nothing could be had
  std::optional<Error> error;         // why the origin could not be asked, or what it gave is of no use
  bool hopeless = false;              // nor could it be asked for another hole
  std::optional<nanoseconds> offset;  // the file's clock less the source's
};

class GapFill {
 public:
  GapFill(RecordedFile& file, ScratchFile& scratch, const Gap& gap, const GapFillOptions& options);
  /// `cancelled` when the user ended it; otherwise errors of the disk.
  Result<GapFilled> run();

 private:
  static constexpr milliseconds kShared{
      1'000};  // what a segment may have in common with its neighbours: sound straddles them

  Result<std::optional<capture::Piece>> pull(capture::Refetch& refetch) const;
  void ask(capture::Refetch& refetch, const MissingSegments& wanted) const;
  Result<MappedSegment> map(const capture::Piece& piece);
  Result<bool> sets_may_change();
  Result<std::optional<nanoseconds>> anchor(const MappedSegment& segment, nanoseconds expected);
  Result<std::optional<nanoseconds>> offset_behind();
  Result<std::optional<nanoseconds>> first_offset(const capture::Piece& piece);
  Result<std::optional<nanoseconds>> offset_of(const capture::Piece& piece);
  Result<void> take(const capture::Piece& piece);
  Result<void> take_before(const capture::Piece& piece);
  Result<void> take_inside(const capture::Piece& piece);
  Result<void> take_behind(const capture::Piece& piece);
  void lose(std::uint64_t number, const Error& error, const capture::Piece* piece);
  Result<void> keep(MappedSegment mapped, nanoseconds offset);
  void leave_what_is_known(MappedSegment& mapped, std::span<const media::Packet> known);
  bool is_taken(std::span<const media::Packet> known, const media::Packet& packet) const;
  void note_spooled(std::span<const media::Packet> packets);
  void tell_short(nanoseconds next_begin);
  void close_loss(nanoseconds end);
  Result<bool> fits(const MappedSegment& mapped, nanoseconds offset);
  Result<bool> is_begun_in_file(const MappedSegment& mapped, nanoseconds offset);
  std::optional<nanoseconds> offset_by_clock(nanoseconds by_bounds) const;
  GapFilled result();

  RecordedFile& file_;
  ScratchFile& scratch_;
  const Gap gap_;
  const MissingSegments& wanted_;
  const GapFillOptions& options_;
  GapFilled out_;
  const std::uint64_t spool_begin_;
  std::vector<Span> spooled_before_;
  std::optional<Timeline> timeline_;  // source's clock → file's; once something has shown the offset
  bool from_behind_ = false;          // that was what follows the hole
  bool misplaced_ = false;            // and of another clock than some that was had
  bool looked_behind_ = false;
  std::optional<nanoseconds> behind_;
  std::optional<bool> sets_may_change_;  // the file's own key frames bring theirs
  nanoseconds cursor_{0};                // file's clock: up to here all was had, or is told as lost
  std::uint64_t next_ = 0;               // number that comes next
  struct Loss {
    std::uint64_t first = 0, last = 0;
    std::string reason;
  };
  std::optional<Loss> loss_;  // since the cursor
  struct Short {
    std::uint64_t number = 0;
    nanoseconds by{0};
  };
  std::optional<Short> short_;  // the last one that was had
  bool any_ = false;            // something was had
};

/// What is left of a hole, by the other of the ways whose segments are numbered alike: of one whose segments have picture and sound,
/// both from what has them apart. Of a hole that then lacks its sound only, only that is left.
Result<GapFilled> fill_by_another_way(RecordedFile& file, ScratchFile& scratch, const Gap& gap,
                                      const GapFillOptions& options);

}  // namespace aircheck::recorder
