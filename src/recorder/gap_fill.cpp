#include "recorder/gap_fill.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "media/track_change.hpp"
#include "recorder/anchor.hpp"

namespace aircheck::recorder {
namespace {

using capture::Piece;

constexpr milliseconds kTick{200};
// Around the place where a neighbour must be, for a gap's bounds are those of one of its tracks.
constexpr milliseconds kAround{5'000};
constexpr milliseconds kOverlap{500};      // of a hole with what follows it
constexpr milliseconds kSameClock{2'000};  // two offsets that must be the same one, of which one is a guess
constexpr milliseconds kShortest{100};     // a hole worth telling
constexpr milliseconds kLongestGop{30'000};

Timeline::State clock_at(nanoseconds offset) {
  return {.tracks = std::vector<Timeline::TrackClock>(1), .offsets = {offset}};
}

std::uint64_t number_of(const Piece& piece) { return piece.after.next_sequence - 1; }

}  // namespace

GapFill::GapFill(RecordedFile& file, ScratchFile& scratch, const Gap& gap, const GapFillOptions& options)
    : file_(file),
      scratch_(scratch),
      gap_(gap),
      wanted_(*gap_.segments),
      options_(options),
      spool_begin_(scratch.length()),
      spooled_before_(options.spooled),
      cursor_(milliseconds{gap.start_ms}),
      next_(wanted_.first) {}

Result<GapFilled> GapFill::run() {
  auto with_neighbours = wanted_;
  with_neighbours.first -= wanted_.first > 0;
  ++with_neighbours.last;
  auto& refetch = options_.refetch();
  ask(refetch, with_neighbours);
  for (;;) {
    auto piece = pull(refetch);
    if (!piece && piece.error().kind == ErrorKind::cancelled) return std::unexpected(piece.error());
    if (!piece) {
      out_.error = piece.error();
      out_.hopeless = refetch.hopeless();
    }
    if (!piece || !*piece) break;
    TRY(take(**piece));
  }
  return result();
}

// What was not asked for to the end is missing for the reason that ended the asking.
GapFilled GapFill::result() {
  const Error unknown{ErrorKind::unavailable, gap_.reason};
  while (next_ <= wanted_.last) lose(next_, out_.error.value_or(unknown), nullptr);
  if (loss_) close_loss(milliseconds{gap_.end_ms});
  tell_short(milliseconds{gap_.end_ms});
  if (misplaced_ || !any_) out_.left = {gap_};
  const SpoolRange range{.begin = spool_begin_, .end = scratch_.length()};
  if (misplaced_) {
    out_.stale.clear();
    options_.spooled = std::move(spooled_before_);
  } else if (range.end > range.begin) {
    out_.ranges.push_back(range);
  }
  if (timeline_) out_.offset = timeline_->state().offsets.back();
  return std::move(out_);
}

void GapFill::ask(capture::Refetch& refetch, const MissingSegments& wanted) const {
  if (options_.another_way) refetch.ask_by_another_way(wanted, options_.another_way->like);
  else refetch.ask(wanted);
}

Result<std::optional<Piece>> GapFill::pull(capture::Refetch& refetch) const {
  for (;;) {
    if (options_.ended()) return fail(ErrorKind::cancelled, "the repair was ended");
    if (auto piece = refetch.next()) {
      if (options_.another_way) restrict_to(options_.another_way->like.kind, *piece);
      else if (wanted_.track == "audio") restrict_to(media::TrackKind::audio, *piece);
      return piece;
    }
    if (refetch.error()) return std::unexpected(*refetch.error());
    if (refetch.done()) return std::optional<Piece>{};
    options_.loop.run_once(kTick);
  }
}

Result<void> GapFill::take(const Piece& piece) {
  const auto number = number_of(piece);
  if (number < wanted_.first) return take_before(piece);
  if (number > wanted_.last) return take_behind(piece);
  next_ = number + 1;
  options_.on_segment();
  if (piece.lost || piece.media.packets.empty()) {
    lose(number, piece.error, &piece);
    return {};
  }
  return take_inside(piece);
}

// ---- placing --------------------------------------------------------------------------------------------------------

// Where the file's key frames do not bring their parameter sets, other ones would count for all that follows.
Result<MappedSegment> GapFill::map(const Piece& piece) {
  auto out = TRY(map_segment(piece, file_.head().tracks));
  if (out.new_sets && options_.another_way && !TRY(sets_may_change()))
    return fail(ErrorKind::unsupported, "its picture is coded with other parameters than the file's");
  return out;
}

Result<bool> GapFill::sets_may_change() {
  if (sets_may_change_) return *sets_may_change_;
  const nanoseconds end = milliseconds{gap_.end_ms};
  const auto behind = TRY(file_.between(end, end + kLongestGop));
  const auto& tracks = file_.head().tracks;
  const auto key = std::ranges::find_if(behind.packets, [&](const auto& packet) {
    return packet.key && tracks[packet.track].kind == media::TrackKind::video;
  });
  sets_may_change_ = key == behind.packets.end() ? end + kOverlap >= file_.duration()
                                                 : media::has_parameter_sets(tracks[key->track], key->data);
  return *sets_may_change_;
}

// The file's time less the source's, by what both have.
Result<std::optional<nanoseconds>> GapFill::anchor(const MappedSegment& segment, nanoseconds expected) {
  const auto near = TRY(file_.between(segment.begin + expected - kAround, segment.end + expected + kAround));
  return find_offset(near.packets, segment.packets, expected);
}

// By another encoder's work there is nothing that both have. The hole begins and ends where frames of the picture do; sound
// straddles segments, and is where its picture is.
std::optional<nanoseconds> GapFill::offset_by_clock(nanoseconds by_bounds) const {
  const auto& way = options_.another_way;
  if (!way) return {};
  return way->like.kind == media::TrackKind::video ? std::optional(by_bounds) : way->offset;
}

Result<void> GapFill::take_before(const Piece& piece) {
  if (piece.lost || piece.media.packets.empty()) return {};
  auto mapped = map(piece);
  if (!mapped) return {};
  const auto expected = cursor_ - mapped->end;
  auto offset = TRY(anchor(*mapped, expected));
  if (!offset && options_.another_way) offset = TRY(offset_behind());
  if (!offset) offset = offset_by_clock(expected);
  if (!offset) return {};
  timeline_.emplace(clock_at(*offset));
  timeline_->place(0, piece);
  return keep(std::move(*mapped), *offset);
}

// By the segment that follows the hole, where the one before it tells nothing. A second stream of segments, for the first is
// in the midst of them.
Result<std::optional<nanoseconds>> GapFill::offset_behind() {
  if (std::exchange(looked_behind_, true)) return behind_;
  auto wanted = wanted_;
  wanted.first = ++wanted.last;
  auto& refetch = options_.another();
  ask(refetch, wanted);
  auto piece = pull(refetch);
  if (!piece && piece.error().kind == ErrorKind::cancelled) return std::unexpected(piece.error());
  if (!piece || !*piece || (*piece)->lost || (*piece)->media.packets.empty()) return behind_;
  const auto mapped = map(**piece);
  if (mapped) behind_ = TRY(anchor(*mapped, milliseconds{gap_.end_ms} - mapped->begin));
  return behind_;
}

Result<std::optional<nanoseconds>> GapFill::first_offset(const Piece& piece) {
  const auto out = TRY(offset_behind());
  if (out || number_of(piece) != wanted_.first) return out;
  const auto mapped = map(piece);
  return mapped ? offset_by_clock(milliseconds{gap_.start_ms} - mapped->begin) : out;
}

// Where the source's clock leaps, the recorder has let the file's go on (see Timeline); what follows the hole tells more exactly
// where, unless there are several such leaps.
Result<std::optional<nanoseconds>> GapFill::offset_of(const Piece& piece) {
  if (!timeline_) {
    const auto first = TRY(first_offset(piece));
    if (!first) return first;
    timeline_.emplace(clock_at(*first));
    from_behind_ = true;
  }
  const auto clocks = timeline_->state().offsets.size();
  const auto placed = timeline_->place(0, piece);
  if (timeline_->state().offsets.size() == clocks) return std::optional(placed.offset);
  if (from_behind_ || options_.another_way) {  // what was placed so far is of another clock
    misplaced_ = true;
    return std::optional<nanoseconds>{};
  }
  const auto behind = TRY(offset_behind());
  if (!behind || std::chrono::abs(*behind - placed.offset) > kSameClock) return std::optional(placed.offset);
  auto state = timeline_->state();
  state.offsets.back() = *behind;
  timeline_.emplace(std::move(state));
  return behind;
}

Result<void> GapFill::take_inside(const Piece& piece) {
  const auto number = number_of(piece);
  auto mapped = map(piece);
  if (!mapped) {
    out_.error = mapped.error();
    lose(number, mapped.error(), nullptr);
    return {};
  }
  const auto offset = TRY(offset_of(piece));
  if (!offset || !TRY(fits(*mapped, *offset))) {
    const Error misfit{ErrorKind::corrupt, offset ? "it does not fit into the hole"
                                                  : "neither of the hole's neighbours is in the recording"};
    out_.error = misfit;
    lose(number, misfit, nullptr);
    return {};
  }
  if (loss_) close_loss(mapped->begin + *offset);
  tell_short(mapped->begin + *offset);
  any_ = true;
  cursor_ = std::max(cursor_, mapped->end + *offset);
  if (const auto by = shortfall_of(piece, *mapped); by.count() > 0) short_ = Short{.number = number, .by = by};
  return keep(std::move(*mapped), *offset);
}

// Sound of the hole's last segment may end in it.
Result<void> GapFill::take_behind(const Piece& piece) {
  if (piece.lost || piece.media.packets.empty() || !any_) return {};
  auto mapped = map(piece);
  if (!mapped) return {};
  auto offset = TRY(anchor(*mapped, milliseconds{gap_.end_ms} - mapped->begin));
  if (!offset && options_.another_way && timeline_) offset = timeline_->state().offsets.back();
  return offset ? keep(std::move(*mapped), *offset) : Result<void>{};
}

Result<bool> GapFill::fits(const MappedSegment& mapped, nanoseconds offset) {
  const auto begin = mapped.begin + offset, end = mapped.end + offset;
  const nanoseconds gap_end = milliseconds{gap_.end_ms};
  const bool followed = gap_end + kOverlap < file_.duration();
  if (begin < nanoseconds{0} || (followed && end > gap_end + kOverlap)) return false;
  if (begin >= cursor_ - kOverlap) return true;
  return is_begun_in_file(mapped, offset);
}

// Of a segment that came cut short the file has what came.
Result<bool> GapFill::is_begun_in_file(const MappedSegment& mapped, nanoseconds offset) {
  const auto known = TRY(file_.between(mapped.begin + offset - kShared, cursor_));
  std::size_t before = 0, found = 0;
  for (auto packet : mapped.packets) {
    packet.pts += offset;
    if (packet.pts >= cursor_ - kOverlap) continue;
    ++before;
    found += is_in(known.packets, packet);
  }
  return 2 * found > before;
}

// ---- what was had and what was not ----------------------------------------------------------------------------------

void GapFill::lose(std::uint64_t number, const Error& error, const Piece* piece) {
  const auto last_short = std::exchange(short_, std::nullopt);
  if (!loss_) loss_ = Loss{last_short ? last_short->number : number, number, error.message};
  loss_->last = number;
  next_ = number + 1;
  if (piece && timeline_) timeline_->lose(0, *piece);
}

// A segment is still shorter than its playlist says, and what follows it does not close up.
void GapFill::tell_short(nanoseconds next_begin) {
  const auto last = std::exchange(short_, std::nullopt);
  const auto hole = next_begin - cursor_;
  if (!last || hole < kShortest || last->by < hole / 2) return;
  auto segments = wanted_;
  segments.first = segments.last = last->number;
  Gap left{rounded_ms(cursor_), rounded_ms(next_begin), std::string(Timeline::kShortSegment), segments};
  const bool as_before =
      segments == wanted_ && left.end_ms == gap_.end_ms && milliseconds{left.start_ms - gap_.start_ms} < kShortest;
  if (as_before) out_.left.push_back(gap_);
  else out_.left.push_back(std::move(left));
}

void GapFill::close_loss(nanoseconds end) {
  auto segments = wanted_;
  segments.first = loss_->first;
  segments.last = loss_->last;
  out_.left.push_back(
      {rounded_ms(cursor_), std::max(rounded_ms(end), rounded_ms(cursor_)), std::move(loss_->reason), segments});
  loss_.reset();
}

}  // namespace aircheck::recorder
