#pragma once
// One hole of a finished recording: its segments are asked for once more, placed on the file's clock by a neighbour that is in
// the file already, and what the file does not have is put into the spool. Not thread-safe; borrows everything.

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "capture/refetch.hpp"
#include "core/job.hpp"
#include "core/ports.hpp"
#include "net/loop.hpp"
#include "recorder/recorded_file.hpp"
#include "recorder/spool.hpp"
#include "recorder/timeline.hpp"

namespace aircheck::recorder {

struct GapFillOptions {
  net::Loop& loop;
  std::function<capture::Refetch&()> refetch;  // for the hole's segments, in order
  std::function<capture::Refetch&()> another;  // for a look at its far side meanwhile
  std::function<void()> on_segment;            // one of the hole's was had, or not
  std::function<bool()> ended;                 // by the user
};

struct GapFilled {
  SpoolRange range;            // empty where nothing is new
  std::vector<Gap> left;       // on the file's clock; the gap itself where nothing could be had
  std::optional<Error> error;  // why the origin could not be asked, or what it gave is of no use
  bool hopeless = false;       // nor could it be asked for another hole
};

class GapFill {
 public:
  GapFill(RecordedFile& file, ScratchFile& scratch, const Gap& gap, const GapFillOptions& options);
  /// `cancelled` when the user ended it; otherwise errors of the disk.
  Result<GapFilled> run();

 private:
  // A segment's packets by the file's tracks, on the source's clock.
  struct Mapped {
    std::vector<media::Packet> packets;
    std::vector<Bytes> storage;    // of what had parameter sets put in front
    nanoseconds begin{0}, end{0};  // of its main track
  };
  Result<Mapped> map(const capture::Piece& piece) const;
  Result<std::optional<capture::Piece>> pull(capture::Refetch& refetch) const;
  Result<std::optional<nanoseconds>> anchor(const Mapped& segment, nanoseconds expected);
  Result<std::optional<nanoseconds>> offset_behind();
  Result<void> take(const capture::Piece& piece);
  Result<void> take_before(const capture::Piece& piece);
  Result<void> take_inside(const capture::Piece& piece);
  Result<void> take_behind(const capture::Piece& piece);
  void lose(std::uint64_t number, const Error& error, const capture::Piece* piece);
  Result<std::optional<nanoseconds>> offset_of(const capture::Piece& piece);
  Result<void> keep(Mapped mapped, nanoseconds offset);
  void close_loss(nanoseconds end);
  bool fits(nanoseconds begin, nanoseconds end) const;
  GapFilled result();

  RecordedFile& file_;
  ScratchFile& scratch_;
  const Gap gap_;
  const MissingSegments& wanted_;
  const GapFillOptions& options_;
  GapFilled out_;
  std::optional<Timeline> timeline_;  // source's clock → file's; once something has shown the offset
  bool from_behind_ = false;          // that was what follows the hole
  bool misplaced_ = false;            // and of another clock than some that was had
  bool looked_behind_ = false;
  std::optional<nanoseconds> behind_;
  nanoseconds cursor_{0};   // file's clock: up to here all was had, or is told as lost
  std::uint64_t next_ = 0;  // number that comes next
  struct Loss {
    std::uint64_t first = 0, last = 0;
    std::string reason;
  };
  std::optional<Loss> loss_;  // since the cursor
  bool any_ = false;          // something was had
};

}  // namespace aircheck::recorder
