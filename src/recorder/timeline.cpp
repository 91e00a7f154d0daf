#include "recorder/timeline.hpp"

#include <algorithm>
#include <utility>

namespace aircheck::recorder {
namespace {

// Distances between a piece's expected and real begin. Segments never meet to the nanosecond: audio frames straddle them.
constexpr nanoseconds kClockSeam = milliseconds{500};
constexpr nanoseconds kShortestGap = milliseconds{100};
constexpr nanoseconds kFlaggedSeam = milliseconds{1'000};
// A clock that leaps further ahead than this without a discontinuity was set anew; below it the broadcaster paused.
constexpr nanoseconds kLongestPause = seconds{120};

}  // namespace

// Of the main track, video where there is one: audio frames straddle segments and would blur the seams.
Timeline::Extent Timeline::measure(const capture::Piece& piece) {
  Extent out;
  const auto& packets = piece.media.packets;
  const auto main = std::any_of(packets.begin(), packets.end(), [](const auto& packet) { return packet.track == 0; })
                        ? 0
                        : packets.front().track;
  std::int64_t count = 0;
  out.origin = packets.front().pts;
  for (const auto& packet : packets) {
    out.origin = std::min(out.origin, packet.pts);
    out.latest = std::max(out.latest, packet.pts + packet.duration);
    if (packet.track != main) continue;
    if (count++ == 0) out.first_dts = packet.dts, out.first_pts = packet.pts, out.last_pts = packet.pts;
    out.first_pts = std::min(out.first_pts, packet.pts);
    out.last_pts = std::max(out.last_pts, packet.pts);
    out.last_dts = packet.dts;
  }
  if (count > 1) out.frame = (out.last_dts - out.first_dts) / (count - 1);
  out.latest = std::max(out.latest, out.last_pts + out.frame);
  return out;
}

bool Timeline::jumps(const TrackClock& clock, const Extent& extent, bool flagged) const {
  if (!clock.next_dts) return false;
  const auto off = extent.first_dts - *clock.next_dts - clock.lost;
  if (flagged) return off < -extent.frame || off > kFlaggedSeam;
  // What was lost may have been longer or shorter than promised.
  const auto slack = kClockSeam + clock.lost / 5;
  return off < -slack || off > kLongestPause;
}

// What nobody knew the length of is taken to be as long as the first that was had.
void Timeline::measure_lost(TrackClock& clock, const Extent& extent) {
  clock.lost += std::exchange(clock.unmeasured, 0) * (extent.last_dts - extent.first_dts + extent.frame);
}

// Where nothing was placed on this clock: the recording's zero, or its end so far.
nanoseconds Timeline::first_offset(const TrackClock& clock, const Extent& extent) {
  return clock.end.count() > 0 ? clock.end + clock.lost - extent.first_pts : clock.lost - extent.origin;
}

Timeline::State Timeline::carried_over(const State& state, std::size_t tracks) {
  const auto& lead = state.tracks.front();
  const TrackClock clock{.end = lead.end,
                         .latest = lead.end,
                         .lost = lead.lost,
                         .unmeasured = lead.unmeasured,
                         .reason = lead.reason,
                         .missing = lead.missing};
  return {.tracks = std::vector<TrackClock>(tracks, clock), .offsets = {}, .sound_end = state.sound_end};
}

nanoseconds Timeline::offset_for(TrackClock& clock, const Extent& extent, bool jump) {
  if (jump) ++clock.epoch;
  const auto epoch = static_cast<std::size_t>(clock.epoch);
  // The first track to arrive, or to pass a jump, fixes the offset for all. What was lost before it keeps its room.
  if (state_.offsets.empty()) state_.offsets.push_back(first_offset(clock, extent));
  if (epoch >= state_.offsets.size()) state_.offsets.push_back(end() + clock.lost - extent.origin);
  return state_.offsets[epoch];
}

void Timeline::begin_with(std::span<const FirstPiece> pieces) {
  if (!state_.offsets.empty() || pieces.empty()) return;
  for (const auto& [track, piece] : pieces) measure_lost(state_.tracks[track], measure(*piece));
  const auto& [lead, first] = pieces.front();
  if (state_.tracks[lead].end.count() > 0) {  // a recording goes on: the picture follows the picture
    state_.offsets.push_back(first_offset(state_.tracks[lead], measure(*first)));
    return;
  }
  auto offset = nanoseconds::min();
  for (const auto& [track, piece] : pieces)
    offset = std::max(offset, first_offset(state_.tracks[track], measure(*piece)));
  state_.offsets.push_back(offset);
}

void Timeline::begin_with_end_of(const FirstPiece& piece) {
  if (!state_.offsets.empty()) return;
  state_.offsets.push_back(state_.tracks[piece.track].end - measure(*piece.piece).latest);
}

std::optional<Gap> Timeline::hole_before(const TrackClock& clock, nanoseconds begin, nanoseconds frame, bool jump) {
  const auto hole = begin - clock.end;
  if (hole <= nanoseconds{0}) return {};
  if (clock.lost.count() > 0) return Gap{rounded_ms(clock.end), rounded_ms(begin), clock.reason, clock.missing};
  // Timestamps that leap although the segment before was whole: the broadcaster sent nothing. Nothing is missing then.
  const bool was_short = clock.deficit >= hole / 2 && hole > std::max<nanoseconds>(kShortestGap, 3 * frame);
  if (!clock.next_dts || jump || !was_short) return {};
  return Gap{rounded_ms(clock.end), rounded_ms(begin), std::string(kShortSegment), clock.short_segment};
}

Timeline::Placed Timeline::place(std::size_t track, const capture::Piece& piece) {
  auto& clock = state_.tracks[track];
  const auto extent = measure(piece);
  measure_lost(clock, extent);
  const bool jump = jumps(clock, extent, piece.discontinuity || clock.jump_ahead);
  Placed out;
  out.offset = offset_for(clock, extent, jump);
  out.gap = hole_before(clock, extent.first_pts + out.offset, extent.frame, jump);
  out.end = std::max(clock.latest, extent.latest + out.offset);
  const auto span = extent.last_dts - extent.first_dts + extent.frame;
  const auto deficit = std::max(nanoseconds{0}, piece.duration - span);
  clock = TrackClock{.next_dts = extent.last_dts + extent.frame,
                     .end = std::max(clock.end, extent.last_pts + extent.frame + out.offset),
                     .latest = out.end,
                     .epoch = clock.epoch,
                     .deficit = deficit,
                     .short_segment = short_segment(track, piece, deficit)};
  return out;
}

std::optional<nanoseconds> Timeline::foresee(std::size_t track, const capture::Piece& piece) const {
  auto clock = state_.tracks[track];
  const auto extent = measure(piece);
  measure_lost(clock, extent);
  const bool jump = jumps(clock, extent, piece.discontinuity || clock.jump_ahead);
  const auto epoch = static_cast<std::size_t>(clock.epoch) + (jump ? 1 : 0);
  if (epoch >= state_.offsets.size()) return {};
  return extent.first_pts + state_.offsets[epoch];
}

MissingSegments Timeline::segments_of(std::size_t track, const capture::Piece& piece,
                                      capture::SequenceRange numbers) const {
  MissingSegments out{.track = state_.tracks.size() == 1 ? "muxed"
                               : track == 0              ? "video"
                                                         : "audio",
                      .format_id = piece.after.format_id,
                      .epoch = {},
                      .first = numbers.first,
                      .last = numbers.last};
  if (piece.after.rung == capture::Rung::fragments || piece.after.common_numbers) out.epoch = piece.after.epoch;
  return out;
}

std::optional<MissingSegments> Timeline::short_segment(std::size_t track, const capture::Piece& piece,
                                                       nanoseconds deficit) const {
  const auto next = piece.after.next_sequence;
  if (deficit <= kShortestGap || next == 0 || piece.after.rung == capture::Rung::pipe) return {};
  return segments_of(track, piece, {next - 1, next - 1});
}

// Of what is lost since the last placed piece, this one included, and that one too where it was short: nothing unless it is one
// run of known numbers.
std::optional<MissingSegments> Timeline::missing_with(std::size_t track, const capture::Piece& piece) const {
  const auto& clock = state_.tracks[track];
  if (!piece.missing) return {};
  auto out = segments_of(track, piece, *piece.missing);
  const bool is_first = clock.reason.empty();
  const auto& so_far = is_first ? clock.short_segment : clock.missing;
  if (!so_far || so_far->last + 1 != out.first) return is_first ? std::optional(out) : std::nullopt;
  out.first = so_far->first;
  auto before = *so_far;
  before.last = out.last;
  return before == out ? std::optional(out) : std::nullopt;
}

void Timeline::lose(std::size_t track, const capture::Piece& piece) {
  auto& clock = state_.tracks[track];
  clock.missing = missing_with(track, piece);
  clock.lost += piece.duration;
  clock.unmeasured += piece.duration.count() <= 0;
  clock.jump_ahead |= piece.discontinuity;
  clock.reason = piece.error.message;
}

std::vector<Gap> Timeline::close() {
  std::vector<Gap> out;
  for (auto& clock : state_.tracks) {
    if (clock.lost.count() > 0 || clock.unmeasured > 0)
      out.push_back({rounded_ms(clock.end), rounded_ms(clock.end + clock.lost), clock.reason, clock.missing});
    clock.lost = nanoseconds{0};
    clock.unmeasured = 0;
  }
  return out;
}

nanoseconds Timeline::end() const {
  nanoseconds latest{0};
  for (const auto& clock : state_.tracks) latest = std::max(latest, clock.latest);
  return latest;
}

}  // namespace aircheck::recorder
