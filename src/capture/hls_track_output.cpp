// What happens to a segment once it is there: it is opened, looked at, asked for again when it is not whole, and handed on.
#include <fmt/core.h>

#include <algorithm>

#include "base/log.hpp"
#include "capture/hls_track.hpp"

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

}  // namespace

std::optional<Piece> HlsTrack::next() {
  if (slots_.empty()) return {};
  auto& head = *slots_.front();
  std::optional<Piece> piece;
  if (head.state == Slot::State::lost) piece = to_lost(head);
  else if (head.state == Slot::State::ready) piece = open_head();
  if (!piece) return {};
  slots_.pop_front();
  fill();
  return piece;
}

std::optional<Piece> HlsTrack::open_head() {
  auto& head = *slots_.front();
  if (head.discontinuity) opener_.reset();
  auto opened = opener_.open(head.segment, head.body, options_.headers, options_.patience_gone);
  if (!opened) return unreadable(head, opened.error());
  if (!*opened) return {};
  if (worth_refetching(head, **opened)) {
    refetch(head);
    return {};
  }
  return to_piece(head, std::move(**opened));
}

std::optional<Piece> HlsTrack::unreadable(Slot& slot, const Error& error) {
  log::warn("segment {} cannot be read: {}", slot.segment.sequence, error.message);
  trouble_ = error;
  if (error.kind == ErrorKind::corrupt && slot.refetches++ < kMostRefetches) {
    slot.body = {};
    slot.state = Slot::State::wanted;
    segment_failed(slot, error);
    if (slot.state == Slot::State::ready) return open_head();  // a damaged copy that came before
    fill();
    if (slot.state != Slot::State::lost) return {};
  }
  slot.reason = error.message;
  slot.kind = error.kind;
  return to_lost(slot);
}

bool HlsTrack::worth_refetching(Slot& slot, const Opened& opened) {
  const bool doubtful = opened.damage > 0 || is_short(opened, slot.segment.duration);
  if (!doubtful || false_alarms_ >= kMostFalseAlarms || slot.refetches >= kMostRefetches || has_left(slot))
    return false;
  if (slot.refetches > 0 && slot.fallback.bytes.size() == slot.body.bytes.size() &&
      std::equal(slot.body.bytes.begin(), slot.body.bytes.end(), slot.fallback.bytes.begin())) {
    ++false_alarms_;
    return false;  // the same again: that is how it is
  }
  return true;
}

void HlsTrack::refetch(Slot& slot) {
  log::info("segment {} is not whole; asking for it again", slot.segment.sequence);
  ++slot.refetches;
  opener_.undo();
  if (slot.body.bytes.size() >= slot.fallback.bytes.size()) slot.fallback = std::move(slot.body);
  slot.body = {};
  slot.state = Slot::State::wanted;
  fill();
}

Piece HlsTrack::to_piece(Slot& slot, Opened opened) {
  Piece piece;
  piece.duration = slot.segment.duration;
  piece.discontinuity = slot.discontinuity;
  piece.media = std::move(opened.media);
  piece.raw = std::move(slot.body.bytes);
  piece.after = {slot.segment.sequence + 1, opener_.state()};
  return piece;
}

Piece HlsTrack::to_lost(Slot& slot) {
  stop(slot);
  Piece piece;
  piece.lost = true;
  piece.error = {slot.kind, slot.reason};
  piece.duration = slot.segment.duration;
  piece.discontinuity = slot.discontinuity;
  piece.after = {slot.segment.sequence + 1, opener_.state()};
  log::warn("lost {} ms at segment {}: {}", std::chrono::duration_cast<milliseconds>(piece.duration).count(),
            slot.segment.sequence, slot.reason);
  return piece;
}

TrackHealth HlsTrack::health() const {
  TrackHealth out;
  out.loaded = loaded_;
  out.ended = end_listed_ && slots_.empty();
  out.forbidden = forbidden_;
  out.trouble = trouble_;
  out.playlist_changed_at = changed_at_;
  out.playlist_read_at = read_at_;
  for (const auto& slot : slots_) out.pending += slot->segment.duration;
  return out;
}

}  // namespace aircheck::capture
