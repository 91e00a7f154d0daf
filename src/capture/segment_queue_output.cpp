// What happens to a segment once it is there: it is opened, looked at, asked for again when it is not whole, and handed on.
#include <fmt/core.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/log.hpp"
#include "capture/segment_queue.hpp"

namespace aircheck::capture {
namespace {

constexpr int kMostRefetches = 3;
// A packager whose segments look short or damaged, and are the same when asked for again, makes them so.
constexpr int kMostFalseAlarms = 3;

// Missing more than three frames and 120 ms of what the playlist promised. Only the timestamps show it: the body of a short
// segment has the length that its header announced.
bool is_short(const Opened& opened, nanoseconds promised) {
  if (opened.span.count() == 0) return false;
  return opened.span + std::max<nanoseconds>(milliseconds{120}, 3 * opened.frame) < promised;
}

std::vector<media::Codec> codecs_of(const Opened& opened) {
  std::vector<media::Codec> out;
  out.reserve(opened.media.tracks.size());
  for (const auto& track : opened.media.tracks) out.push_back(track.codec);
  return out;
}

bool is_same(const Opened& a, const Opened& b) {
  return std::ranges::equal(a.media.packets, b.media.packets, [](const auto& x, const auto& y) {
    return x.track == y.track && x.pts == y.pts && x.dts == y.dts && std::ranges::equal(x.data, y.data);
  });
}

// More packets are better, then more bytes, then fewer signs of damage.
auto rank(const Opened& opened) {
  std::size_t bytes = 0;
  for (const auto& packet : opened.media.packets) bytes += packet.data.size();
  return std::tuple(opened.media.packets.size(), bytes, -static_cast<std::ptrdiff_t>(opened.damage));
}

}  // namespace

std::optional<Piece> SegmentQueue::next() {
  // Only now, when what was handed on last has been written and its memory is free again.
  fill();
  if (slots_.empty()) return {};
  auto& head = *slots_.front();
  std::optional<Piece> piece;
  if (head.state == Slot::State::lost) piece = to_lost(head);
  else if (head.state == Slot::State::ready) piece = open_head();
  if (!piece) return {};
  slots_.pop_front();
  return piece;
}

std::optional<Piece> SegmentQueue::open_head() {
  auto& head = *slots_.front();
  if (head.body.size() == 0) return take_fallback(head);
  if (head.entry.discontinuity) opener_.reset();
  auto found = opener_.open(head.entry.segment, head.body, options_.headers, options_.patience_gone);
  if (!found) return unreadable(head, found.error());
  if (!*found) return {};
  auto& opened = **found;
  loop_.buffers().give(std::move(head.body.bytes));
  head.body = {};
  if (!is_doubtful(head, opened)) return to_piece(head, std::move(opened));
  const bool again = worth_refetching(head, opened);
  keep_better(head, std::move(opened));
  if (!again) return take_fallback(head);
  refetch(head);
  return {};
}

Position SegmentQueue::position_after(const Slot& slot) const {
  const auto& entry = slot.entry;
  return {.next_sequence = entry.segment.sequence + 1,
          .demux_state = opener_.state(),
          .rung = rung_,
          .epoch = entry.epoch,
          .format_id = options_.format_id,
          .common_numbers = entry.common_numbers};
}

std::optional<Piece> SegmentQueue::unreadable(Slot& slot, const Error& error) {
  log::warn("segment {} cannot be read: {}", slot.entry.segment.sequence, error.message);
  trouble_ = error;
  if (error.kind == ErrorKind::corrupt && slot.refetches++ < kMostRefetches) {
    slot.body = {};
    slot.state = Slot::State::wanted;
    failed(slot, error);
    if (slot.state == Slot::State::ready) return take_fallback(slot);
    fill();
    if (slot.state != Slot::State::lost) return {};
  }
  if (slot.fallback) return take_fallback(slot);
  slot.error = error;
  return to_lost(slot);
}

// Of other codecs than the one before, although the playlist announces no change: maybe another stream's.
bool SegmentQueue::is_foreign(const Slot& slot, const Opened& opened) const {
  return !codecs_.empty() && !slot.entry.discontinuity && codecs_of(opened) != codecs_;
}

bool SegmentQueue::is_doubtful(const Slot& slot, const Opened& opened) const {
  return opened.damage > 0 || is_short(opened, slot.entry.segment.duration) || is_foreign(slot, opened);
}

bool SegmentQueue::worth_refetching(Slot& slot, const Opened& opened) {
  if (false_alarms_ >= kMostFalseAlarms || slot.refetches >= kMostRefetches || has_left(slot)) return false;
  if (!slot.fallback || !is_same(opened, *slot.fallback)) return true;
  ++false_alarms_;
  return false;  // the same again: that is how it is
}

void SegmentQueue::keep_better(Slot& slot, Opened opened) {
  if (slot.fallback && rank(*slot.fallback) >= rank(opened)) return;
  slot.fallback = std::move(opened);
  slot.fallback_state = opener_.state();
}

void SegmentQueue::refetch(Slot& slot) {
  log::info("segment {} is not whole; asking for it again", slot.entry.segment.sequence);
  ++slot.refetches;
  opener_.undo();
  slot.state = Slot::State::wanted;
  fill();
}

// Everything that could be done has been done: the best copy that ever came.
std::optional<Piece> SegmentQueue::take_fallback(Slot& slot) {
  opener_.restore(slot.fallback_state);
  return to_piece(slot, *std::exchange(slot.fallback, {}));
}

Piece SegmentQueue::to_piece(Slot& slot, Opened opened) {
  Piece piece;
  codecs_ = codecs_of(opened);
  if (opened.span.count() > 0) usual_span_ = opened.span;
  piece.duration = slot.entry.segment.duration;
  piece.discontinuity = slot.entry.discontinuity;
  piece.seam = slot.entry.seam;
  piece.media = std::move(opened.media);
  piece.raw = std::move(opened.raw);
  piece.after = position_after(slot);
  return piece;
}

Piece SegmentQueue::to_lost(Slot& slot) {
  stop(slot);
  Piece piece;
  piece.lost = true;
  piece.error = slot.error;
  const auto sequence = slot.entry.segment.sequence, covers = slot.entry.covers;
  if (covers > 0) piece.missing = SequenceRange{sequence + 1 - covers, sequence};
  const auto promised = slot.entry.segment.duration;
  piece.duration = promised.count() > 0 ? promised : usual_span_;
  piece.discontinuity = slot.entry.discontinuity;
  piece.seam = slot.entry.seam;
  piece.after = position_after(slot);
  if (!options_.quiet)
    log::warn("lost {} ms at segment {}: {}", std::chrono::duration_cast<milliseconds>(piece.duration).count(),
              sequence, slot.error.message);
  return piece;
}

}  // namespace aircheck::capture
