#include "recorder/assembler.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/log.hpp"

namespace aircheck::recorder {
namespace {

constexpr nanoseconds kHalfAFrame = milliseconds{10};
constexpr nanoseconds kLate = milliseconds{500};  // that players put up with

Timeline make_timeline(std::size_t tracks, std::optional<Timeline::State> state) {
  if (state && state->tracks.size() == tracks) return Timeline(std::move(*state));
  return Timeline(tracks);
}

void shift(media::Packet& packet, nanoseconds offset, std::uint32_t track) {
  packet.pts += offset;
  packet.dts += offset;
  packet.track += track;
}

}  // namespace

Assembler::Assembler(std::size_t tracks, std::vector<TrackPosition> positions, std::optional<Timeline::State> timeline,
                     const WrittenTail* joins)
    : timeline_(make_timeline(tracks, std::move(timeline))), joins_(joins), lanes_(tracks) {
  for (std::size_t i = 0; i < tracks && i < positions.size(); ++i) {
    lanes_[i].written_until = positions[i].skip_until;
    lanes_[i].position = std::move(positions[i]);
  }
  const auto& state_now = timeline_.state();
  lead_end_ = state_now.tracks.front().latest;
  for (std::size_t i = 0; i < tracks; ++i) {
    lanes_[i].covered = state_now.tracks[i].latest;
    lanes_[i].joining = joins != nullptr;
    lanes_[i].catching_up = !state_now.offsets.empty() && lanes_[i].covered < lead_end_;
  }
  begun_ = tracks < 2 || !state_now.offsets.empty();
  sound_end_ = state_now.sound_end;
  if (state_now.offsets.empty()) known_sound_ = sound_end_;
}

bool Assembler::wants(std::size_t track) const {
  const auto& lane = lanes_[track];
  if (lane.left) return true;
  if (lane.closed || lane.first) return false;
  if (lane.held.empty()) return true;
  // The other lane follows the lead's pieces; it needs as many as cover the lead's first.
  return track != 0 && !lanes_[0].held.empty() && lane.covered < lanes_[0].held.front().placed.end;
}

bool Assembler::holds_up(std::size_t track) const {
  const auto& lead = lanes_[0];
  return track != 0 && !lanes_[track].closed && (lead.first || !lead.held.empty()) && wants(track);
}

// After a restart a piece of the following track may have been written in part.
void Assembler::drop_known(Lane& lane, Held& held) {
  if (!lane.written_until) return;
  const auto until = *std::exchange(lane.written_until, std::nullopt);
  std::erase_if(held.piece.media.packets, [until](const auto& packet) { return packet.dts <= until; });
  held.placed.gap.reset();  // the one before it is known too
}

// Where another way to the stream has taken over, its first segment overlaps with what is in the file already.
void Assembler::drop_written_sound(Held& held) const {
  const auto& tracks = held.piece.media.tracks;
  std::erase_if(held.piece.media.packets, [&](const auto& packet) {
    return tracks[packet.track].kind == media::TrackKind::audio &&
           packet.pts + held.placed.offset + kHalfAFrame < known_sound_;
  });
}

// Frames that were shown before are written, for what another way has brought ends where a picture that stands by itself begins.
void Assembler::drop_written_picture(Held& held) const {
  constexpr nanoseconds kPictureRounding = milliseconds{2};
  const auto& tracks = held.piece.media.tracks;
  std::erase_if(held.piece.media.packets, [&](const auto& packet) {
    return tracks[packet.track].kind == media::TrackKind::video &&
           packet.pts + held.placed.offset + kPictureRounding < known_picture_;
  });
}

// Whether the piece is to be taken. Rather a short hole that is told than anything twice: what cannot be found in what was
// written, and may have been broadcast before the last of it, is left out.
bool Assembler::join(std::size_t track, const capture::Piece& piece) {
  auto& lane = lanes_[track];
  if (!piece.lost && !piece.media.packets.empty() && lanes_.size() == 1) {
    const auto written = timeline_.state().tracks.front().end;
    const auto after = piece.seam ? piece.seam->after : nanoseconds{0};
    const auto expected = written + after - piece.media.packets.front().pts;
    if (const auto offset = joins_->offset_of(piece.media.packets, piece.media.tracks, expected)) {
      known_picture_ = written;
      timeline_.begin_at(*offset);
      lane.joining = false;
      return true;
    }
  }
  if (!piece.seam) return false;
  if (piece.lost || piece.media.packets.empty() || !piece.seam->sure) {
    lane.passed_over = std::max(lane.passed_over, piece.seam->after + piece.duration);
    return false;
  }
  lose_between(track, piece.seam->after);
  lane.joining = false;
  return true;
}

void Assembler::lose_between(std::size_t track, nanoseconds duration) {
  constexpr nanoseconds kShortest = milliseconds{100};
  capture::Piece between;
  between.lost = true;
  between.error = {ErrorKind::unavailable, "broadcast while one way to the stream took over from another"};
  between.duration = std::max(duration, kShortest);
  log::warn("lost {} ms: {}", std::chrono::duration_cast<milliseconds>(between.duration).count(),
            between.error.message);
  timeline_.lose(track, between);
}

void Assembler::note_sound(const Batch& batch) {
  for (const auto& packet : batch.packets)
    if (batch.tracks[packet.track].kind == media::TrackKind::audio)
      sound_end_ = std::max(sound_end_, packet.pts + packet.duration);
}

// What comes after the file has gone on cannot be put in any more, only be asked for once more when all is finished.
void Assembler::catch_up(std::size_t track, capture::Piece& piece) {
  auto& lane = lanes_[track];
  const auto begin = timeline_.foresee(track, piece);
  lane.catching_up = !lane.written_until && begin && *begin + kLate < lead_end_ && *begin + kHalfAFrame >= sound_end_;
  if (!lane.catching_up) return;
  const auto& packets = piece.media.packets;
  const auto number = piece.after.next_sequence - 1;
  if (piece.duration.count() <= 0) piece.duration = packets.back().dts + packets.back().duration - packets.front().dts;
  lane.covered = std::max(lane.covered, *begin);
  if (piece.after.rung != capture::Rung::pipe) piece.missing = capture::SequenceRange{number, number};
  piece.error = {ErrorKind::timeout, "its sound came after the picture had been written"};
  piece.lost = true;
}

void Assembler::push(std::size_t track, capture::Piece piece) {
  auto& lane = lanes_[track];
  if (lane.joining && !join(track, piece)) return;
  const bool brings = !piece.lost && !piece.media.packets.empty();
  if (lane.left && brings) {
    lane.closed = lane.left = false;
    lane.catching_up = true;
  }
  if (lane.catching_up && brings) catch_up(track, piece);
  if (piece.lost || piece.media.packets.empty()) {
    if (piece.lost) {
      timeline_.lose(track, piece);
      lane.covered += piece.duration;
    }
    return pass(lane, piece.after);
  }
  if (begun_) return place(track, std::move(piece));
  lane.first = std::move(piece);
  place_first_pieces();
}

// Nothing of a piece is to be written.
void Assembler::pass(Lane& lane, const capture::Position& after) {
  if (lane.held.empty()) lane.position = {after, {}};
  else lane.held.back().piece.after = after;
  only_lost_ = true;
}

// Once every track has shown where it begins, or that it will not.
void Assembler::place_first_pieces() {
  std::vector<Timeline::FirstPiece> firsts;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (lanes_[i].first) firsts.push_back({i, &*lanes_[i].first});
    else if (!lanes_[i].closed) return;
  }
  if (begun_ || firsts.empty()) return;
  begun_ = true;
  // The sound begins a segment earlier than the picture. Where no more picture comes, it must not follow what is recorded.
  const auto& front = firsts.front();
  if (front.track != 0 && front.piece->after.next_sequence <= lanes_[0].position.position.next_sequence)
    timeline_.begin_with_end_of(front);
  else timeline_.begin_with(firsts);
  for (std::size_t i = 0; i < lanes_.size(); ++i)
    if (auto first = std::exchange(lanes_[i].first, std::nullopt)) place(i, std::move(*first));
}

void Assembler::place(std::size_t track, capture::Piece piece) {
  auto& lane = lanes_[track];
  Held held{.piece = std::move(piece), .placed = {}, .before = timeline_.state().tracks[track]};
  held.placed = timeline_.place(track, held.piece);
  drop_known(lane, held);
  if (known_sound_.count() > 0) drop_written_sound(held);
  if (known_picture_.count() > 0) drop_written_picture(held);
  lane.covered = held.placed.end;
  if (held.placed.gap) gaps_.push_back(*held.placed.gap);
  if (held.piece.media.packets.empty()) return pass(lane, held.piece.after);
  lane.held.push_back(std::move(held));
}

void Assembler::close(std::size_t track) {
  lanes_[track].closed = true;
  place_first_pieces();
}

void Assembler::leave(std::size_t track) {
  lanes_[track].left = true;
  close(track);
}

std::vector<Gap> Assembler::close_timeline() {
  for (std::size_t i = 0; i < lanes_.size(); ++i)
    if (lanes_[i].joining && lanes_[i].passed_over > nanoseconds{0}) lose_between(i, lanes_[i].passed_over);
  // A track that was left and never came back lacks more than it has said.
  std::vector<Gap> missing;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    const auto& clock = timeline_.state().tracks[i];
    const auto ends = std::chrono::ceil<milliseconds>(clock.end + clock.lost);
    const auto all = std::chrono::floor<milliseconds>(lead_end_);
    if (lanes_[i].left && ends < all) missing.push_back({ends.count(), all.count(), "no sound came"});
  }
  auto gaps = timeline_.close();
  gaps.insert(gaps.end(), missing.begin(), missing.end());
  return gaps;
}

bool Assembler::others_cover(nanoseconds time) const {
  for (std::size_t i = 1; i < lanes_.size(); ++i)
    if (!lanes_[i].closed && lanes_[i].covered < time) return false;
  return true;
}

bool Assembler::empty() const {
  return std::all_of(lanes_.begin(), lanes_.end(), [](const auto& lane) { return lane.held.empty() && !lane.first; });
}

// One whole piece of the leading track.
void Assembler::take_lead(Batch& batch) {
  auto& lane = lanes_[0];
  auto held = std::move(lane.held.front());
  lane.held.pop_front();
  batch.tracks = held.piece.media.tracks;
  batch.packets = held.piece.media.packets;
  for (auto& packet : batch.packets) shift(packet, held.placed.offset, 0);
  batch.end = lead_end_ = held.placed.end;
  lane.position = {held.piece.after, {}};
  in_use_.push_back(std::move(held));
}

// The packets of another track that begin before `limit`.
void Assembler::take_until(std::size_t track, nanoseconds limit, std::uint32_t first_index, Batch& batch) {
  auto& lane = lanes_[track];
  bool described = false;
  while (!lane.held.empty()) {
    auto& held = lane.held.front();
    const auto& media = held.piece.media;
    if (!described) batch.tracks.insert(batch.tracks.end(), media.tracks.begin(), media.tracks.end());
    described = true;
    for (; held.next_packet < media.packets.size(); ++held.next_packet) {
      auto packet = media.packets[held.next_packet];
      if (packet.dts + held.placed.offset >= limit) break;
      lane.position.skip_until = packet.dts;
      shift(packet, held.placed.offset, first_index);
      batch.packets.push_back(packet);
      batch.end = std::max(batch.end, packet.pts + packet.duration);
    }
    if (held.next_packet < media.packets.size()) return;
    lane.position = {held.piece.after, {}};
    in_use_.push_back(std::move(held));
    lane.held.pop_front();
  }
}

std::optional<Batch> Assembler::next() {
  Batch batch;
  const bool lead_ready = !lanes_[0].held.empty() && others_cover(lanes_[0].held.front().placed.end);
  const bool lead_over = begun_ && lanes_[0].held.empty() && lanes_[0].closed && !empty();
  if (!lead_ready && !lead_over && !(only_lost_ && empty())) return {};
  if (lead_ready) take_lead(batch);
  if (lead_ready || lead_over) {
    const auto limit = lead_over ? nanoseconds::max() : batch.end;
    for (std::size_t i = 1; i < lanes_.size(); ++i)
      take_until(i, limit, static_cast<std::uint32_t>(batch.tracks.size()), batch);
    if (lanes_.size() > 1)
      std::stable_sort(batch.packets.begin(), batch.packets.end(),
                       [](const auto& a, const auto& b) { return a.dts < b.dts; });
  }
  note_sound(batch);
  for (const auto& lane : lanes_) batch.positions.push_back(lane.position);
  batch.timeline = committed_clocks();
  batch.gaps = std::exchange(gaps_, {});
  only_lost_ = false;
  return batch;
}

// The clocks as a successor must find them. A piece that is in hand but not wholly written will be placed again by it, to the
// same effect; only the hole before it has been told already.
Timeline::State Assembler::committed_clocks() const {
  auto state = timeline_.state();
  state.sound_end = sound_end_;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (lanes_[i].held.empty()) continue;
    auto& clock = state.tracks[i] = lanes_[i].held.front().before;
    if (clock.next_dts) *clock.next_dts += clock.lost;
    clock.lost = clock.deficit = nanoseconds{0};
    clock.unmeasured = 0;
    clock.reason.clear();
    clock.missing.reset();
    clock.short_segment.reset();
  }
  return state;
}

std::vector<Bytes> Assembler::release() {
  std::vector<Bytes> out;
  for (auto& [piece, placed, before, next] : in_use_) {
    out.push_back(std::move(piece.raw));
    std::ranges::move(piece.media.storage, std::back_inserter(out));
  }
  in_use_.clear();
  return out;
}

}  // namespace aircheck::recorder
