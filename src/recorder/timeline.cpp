#include "recorder/timeline.hpp"

#include <algorithm>

namespace aircheck::recorder {
namespace {

// Distances between a piece's expected and real begin. Segments never meet to the nanosecond: audio frames straddle them.
constexpr nanoseconds kSeam = milliseconds{500};
constexpr nanoseconds kFlaggedSeam = milliseconds{1'000};
// A clock that leaps further ahead than this without a discontinuity was set anew; below it the broadcaster paused.
constexpr nanoseconds kLongestPause = seconds{120};

std::int64_t to_ms(nanoseconds time) { return std::chrono::round<milliseconds>(time).count(); }

}  // namespace

Timeline::Extent Timeline::measure(const capture::Piece& piece) {
  Extent out;
  const auto& packets = piece.media.packets;
  out.first_dts = packets.front().dts;
  out.first_pts = packets.front().pts;
  std::int64_t main_count = 0;
  nanoseconds main_first{0}, main_last{0};
  for (const auto& packet : packets) {
    out.first_pts = std::min(out.first_pts, packet.pts);
    out.last_dts = std::max(out.last_dts, packet.dts);
    out.end_pts = std::max(out.end_pts, packet.pts + packet.duration);
    if (packet.track != 0) continue;
    if (main_count++ == 0) main_first = packet.dts;
    main_last = packet.dts;
  }
  if (main_count > 1) out.frame = (main_last - main_first) / (main_count - 1);
  // A last frame of unknown length is as long as the others.
  for (const auto& packet : packets)
    if (packet.duration.count() == 0 && packet.track == 0) out.end_pts = std::max(out.end_pts, packet.pts + out.frame);
  return out;
}

bool Timeline::jumps(const TrackClock& clock, const Extent& extent, bool flagged) const {
  if (!clock.next_dts) return false;
  const auto off = extent.first_dts - *clock.next_dts - clock.lost;
  if (flagged) return off < -extent.frame || off > kFlaggedSeam;
  // What was lost may have been longer or shorter than promised.
  const auto slack = kSeam + clock.lost / 5;
  return off < -slack || off > kLongestPause;
}

nanoseconds Timeline::offset_for(TrackClock& clock, const Extent& extent, bool jump) {
  if (jump) ++clock.epoch;
  const auto epoch = static_cast<std::size_t>(clock.epoch);
  // The first track to arrive, or to pass a jump, fixes the offset for all. What was lost before it keeps its room.
  if (state_.offsets.empty()) state_.offsets.push_back(clock.lost - extent.first_pts);
  if (epoch >= state_.offsets.size()) state_.offsets.push_back(end() + clock.lost - extent.first_pts);
  return state_.offsets[epoch];
}

Timeline::Placed Timeline::place(std::size_t track, const capture::Piece& piece) {
  auto& clock = state_.tracks[track];
  const auto extent = measure(piece);
  const bool first = !clock.next_dts;
  const bool jump = jumps(clock, extent, piece.discontinuity || clock.jump_ahead);
  Placed out;
  out.offset = offset_for(clock, extent, jump);
  const auto begin = extent.first_pts + out.offset;
  const bool was_short = clock.deficit >= (begin - clock.end) / 2 && begin - clock.end > kSeam;
  if (clock.lost.count() > 0 && begin > clock.end)
    out.gap = Gap{to_ms(clock.end), to_ms(begin), clock.reason};
  else if (!first && !jump && was_short)
    out.gap = Gap{to_ms(clock.end), to_ms(begin), "a segment was shorter than announced"};
  out.end = std::max(clock.end, extent.end_pts + out.offset);
  const auto span = extent.last_dts - extent.first_dts + extent.frame;
  clock = TrackClock{.next_dts = extent.last_dts + extent.frame,
                     .end = out.end,
                     .epoch = clock.epoch,
                     .deficit = std::max(nanoseconds{0}, piece.duration - span)};
  return out;
}

void Timeline::lose(std::size_t track, const capture::Piece& piece) {
  auto& clock = state_.tracks[track];
  clock.lost += piece.duration;
  clock.jump_ahead |= piece.discontinuity;
  clock.reason = piece.error.message;
}

std::vector<Gap> Timeline::close() {
  std::vector<Gap> out;
  for (auto& clock : state_.tracks) {
    if (clock.lost.count() > 0) out.push_back({to_ms(clock.end), to_ms(clock.end + clock.lost), clock.reason});
    clock.lost = nanoseconds{0};
  }
  return out;
}

nanoseconds Timeline::end() const {
  nanoseconds latest{0};
  for (const auto& clock : state_.tracks) latest = std::max(latest, clock.end);
  return latest;
}

}  // namespace aircheck::recorder
