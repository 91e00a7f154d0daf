#include "recorder/gap_fill.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "media/track_change.hpp"
#include "recorder/anchor.hpp"
#include "recorder/track_home.hpp"

namespace aircheck::recorder {
namespace {

using capture::Piece;

constexpr milliseconds kTick{200};
// Around the place where a neighbour must be, for a gap's bounds are those of one of its tracks.
constexpr milliseconds kAround{5'000};
// What a segment may share with its neighbours: sound straddles them.
constexpr milliseconds kShared{1'000};
constexpr milliseconds kOverlap{500};      // of a hole with what follows it
constexpr milliseconds kSameClock{2'000};  // two offsets that must be the same one, of which one is a guess

std::int64_t to_ms(nanoseconds time) { return std::chrono::round<milliseconds>(time).count(); }

nanoseconds distance(nanoseconds a, nanoseconds b) { return a < b ? b - a : a - b; }

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
      cursor_(milliseconds{gap.start_ms}),
      next_(wanted_.first) {}

Result<GapFilled> GapFill::run() {
  out_.range.begin = scratch_.length();
  auto with_neighbours = wanted_;
  with_neighbours.first -= wanted_.first > 0;
  ++with_neighbours.last;
  auto& refetch = options_.refetch();
  refetch.ask(with_neighbours);
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
  if (misplaced_) out_.range.begin = scratch_.length();
  if (misplaced_ || !any_) out_.left = {gap_};
  out_.range.end = scratch_.length();
  return std::move(out_);
}

Result<std::optional<Piece>> GapFill::pull(capture::Refetch& refetch) const {
  for (;;) {
    if (options_.ended()) return fail(ErrorKind::cancelled, "the repair was ended");
    if (auto piece = refetch.next()) return piece;
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

Result<GapFill::Mapped> GapFill::map(const Piece& piece) const {
  const auto& stream = piece.media.tracks;
  const auto& tracks = file_.head().tracks;
  std::vector<std::size_t> home(stream.size());
  std::vector<Bytes> prefix(stream.size());
  for (std::size_t i = 0; i < stream.size(); ++i) {
    const auto found = home_of(i, stream, tracks);
    const auto change =
        found ? media::compare(std::span(&tracks[*found], 1), std::span(&stream[i], 1)) : media::TrackChange::new_file;
    if (change == media::TrackChange::new_file)
      return fail(ErrorKind::unsupported, "it is coded otherwise than the file");
    home[i] = *found;
    if (change == media::TrackChange::in_band) prefix[i] = media::parameter_sets_prefix(stream[i]);
  }
  Mapped out;
  out.begin = nanoseconds::max();
  out.end = nanoseconds::min();
  const auto main = piece.media.packets.front().track == 0 ? 0 : piece.media.packets.front().track;
  for (auto packet : piece.media.packets) {
    if (packet.track == main) {
      out.begin = std::min(out.begin, packet.pts);
      out.end = std::max(out.end, packet.pts + packet.duration);
    }
    if (packet.key && !prefix[packet.track].empty()) {
      auto& bytes = out.storage.emplace_back(prefix[packet.track]);
      ByteWriter(bytes).raw(packet.data);
      packet.data = bytes;
    }
    packet.track = static_cast<std::uint32_t>(home[packet.track]);
    out.packets.push_back(packet);
  }
  make_up_dts(out.packets);
  return out;
}

// The file's time less the source's, by what both have.
Result<std::optional<nanoseconds>> GapFill::anchor(const Mapped& segment, nanoseconds expected) {
  const auto near = TRY(file_.between(segment.begin + expected - kAround, segment.end + expected + kAround));
  return find_offset(near.packets, segment.packets, expected);
}

Result<void> GapFill::take_before(const Piece& piece) {
  if (piece.lost || piece.media.packets.empty()) return {};
  auto mapped = map(piece);
  if (!mapped) return {};
  const auto offset = TRY(anchor(*mapped, cursor_ - mapped->end));
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
  refetch.ask(wanted);
  auto piece = pull(refetch);
  if (!piece && piece.error().kind == ErrorKind::cancelled) return std::unexpected(piece.error());
  if (!piece || !*piece || (*piece)->lost || (*piece)->media.packets.empty()) return behind_;
  const auto mapped = map(**piece);
  if (mapped) behind_ = TRY(anchor(*mapped, milliseconds{gap_.end_ms} - mapped->begin));
  return behind_;
}

// Where the source's clock leaps, the recorder has let the file's go on (see Timeline); what follows the hole tells more exactly
// where, unless there are several such leaps.
Result<std::optional<nanoseconds>> GapFill::offset_of(const Piece& piece) {
  if (!timeline_) {
    const auto behind = TRY(offset_behind());
    if (!behind) return behind;
    timeline_.emplace(clock_at(*behind));
    from_behind_ = true;
  }
  const auto clocks = timeline_->state().offsets.size();
  const auto placed = timeline_->place(0, piece);
  if (timeline_->state().offsets.size() == clocks) return std::optional(placed.offset);
  if (from_behind_) {  // what was placed so far is of another clock
    misplaced_ = true;
    return std::optional<nanoseconds>{};
  }
  const auto behind = TRY(offset_behind());
  if (!behind || distance(*behind, placed.offset) > kSameClock) return std::optional(placed.offset);
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
  if (!offset || !fits(mapped->begin + *offset, mapped->end + *offset)) {
    const Error misfit{ErrorKind::corrupt, offset ? "it does not fit into the hole"
                                                  : "neither of the hole's neighbours is in the recording"};
    out_.error = misfit;
    lose(number, misfit, nullptr);
    return {};
  }
  if (loss_) close_loss(mapped->begin + *offset);
  any_ = true;
  cursor_ = std::max(cursor_, mapped->end + *offset);
  return keep(std::move(*mapped), *offset);
}

// Sound of the hole's last segment may end in it.
Result<void> GapFill::take_behind(const Piece& piece) {
  if (piece.lost || piece.media.packets.empty() || !any_) return {};
  auto mapped = map(piece);
  if (!mapped) return {};
  const auto offset = TRY(anchor(*mapped, milliseconds{gap_.end_ms} - mapped->begin));
  return offset ? keep(std::move(*mapped), *offset) : Result<void>{};
}

bool GapFill::fits(nanoseconds begin, nanoseconds end) const {
  const nanoseconds gap_end = milliseconds{gap_.end_ms};
  const bool followed = gap_end + kOverlap < file_.duration();
  return begin >= cursor_ - kOverlap && (!followed || end <= gap_end + kOverlap) && begin >= nanoseconds{0};
}

// ---- what was had and what was not ----------------------------------------------------------------------------------

Result<void> GapFill::keep(Mapped mapped, nanoseconds offset) {
  const auto known = TRY(file_.between(mapped.begin + offset - kShared, mapped.end + offset + kShared));
  auto& packets = mapped.packets;
  for (auto& packet : packets) {
    packet.pts += offset;
    packet.dts += offset;
  }
  std::erase_if(packets,
                [&](const auto& packet) { return packet.pts < nanoseconds{0} || is_in(known.packets, packet); });
  std::ranges::stable_sort(packets, {}, &media::Packet::dts);
  return packets.empty() ? Result<void>{} : spool(scratch_, packets);
}

void GapFill::lose(std::uint64_t number, const Error& error, const Piece* piece) {
  if (!loss_) loss_ = Loss{.first = number, .last = number, .reason = error.message};
  loss_->last = number;
  next_ = number + 1;
  if (piece && timeline_) timeline_->lose(0, *piece);
}

void GapFill::close_loss(nanoseconds end) {
  auto segments = wanted_;
  segments.first = loss_->first;
  segments.last = loss_->last;
  out_.left.push_back({to_ms(cursor_), std::max(to_ms(end), to_ms(cursor_)), std::move(loss_->reason), segments});
  loss_.reset();
}

}  // namespace aircheck::recorder
