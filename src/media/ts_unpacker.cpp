#include "media/ts_unpacker.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "media/video_coding.hpp"

namespace aircheck::media {
namespace {

struct Assembled {
  std::vector<TsAssembler::Output> tracks;
  std::size_t damage = 0, scrambled = 0;
  std::optional<Error> error;  // of a stream that yields nothing
};

// What the segments before have left of this stream.
TsStream left_behind(const TsChannel& channel, const std::vector<TsStream>& known) {
  for (const auto& stream : known)
    if (stream.pid == channel.pid() && stream.type == channel.type()) return stream;
  return {.pid = channel.pid(), .type = channel.type()};
}

Assembled assemble(std::vector<TsChannel>& channels, const TsState& before, std::int64_t shift, TsState& after) {
  Assembled out;
  std::vector<TsAssembler::Output> sound;  // after video
  for (auto& channel : channels) {
    auto stream = left_behind(channel, before.streams);
    auto track = channel.finish(stream, shift);
    out.damage += channel.damage();
    out.scrambled += channel.scrambled();
    if (!track) {
      out.error = track.error();
      if (track.error().kind == ErrorKind::unsupported) after.left_out.push_back(track.error().message);
      else ++out.damage;
    } else if (!track->packets.empty()) {
      out.damage += track->damage;
      track->track.id = channel.pid();
      auto& tracks = track->track.kind == TrackKind::video ? out.tracks : sound;
      tracks.push_back(std::move(*track));
    }
    after.streams.push_back(std::move(stream));
  }
  std::ranges::move(sound, std::back_inserter(out.tracks));
  return out;
}

// One sequence by dts out of the tracks' own, which stay in their order.
std::vector<Packet> interleave(const std::vector<TsAssembler::Output>& tracks) {
  std::vector<Packet> out;
  std::size_t total = 0;
  for (const auto& track : tracks) total += track.packets.size();
  out.reserve(total);
  std::vector<std::size_t> next(tracks.size());
  while (out.size() < total) {
    std::size_t earliest = tracks.size();
    for (std::size_t i = 0; i < tracks.size(); ++i) {
      if (next[i] == tracks[i].packets.size()) continue;
      if (earliest == tracks.size() || tracks[i].packets[next[i]].dts < tracks[earliest].packets[next[earliest]].dts)
        earliest = i;
    }
    out.push_back(tracks[earliest].packets[next[earliest]++]);
    out.back().track = static_cast<std::uint32_t>(earliest);
  }
  return out;
}

Error nothing_usable(const Assembled& assembled) {
  if (assembled.scrambled > 0) return {ErrorKind::unsupported, "the segment's streams are encrypted (scrambled)"};
  if (assembled.error) return *assembled.error;
  return {ErrorKind::corrupt, "the segment holds no complete picture or sound"};
}

std::vector<TsEntry> entries_of(const std::vector<TsStream>& known) {
  std::vector<TsEntry> out;
  out.reserve(known.size());
  for (const auto& stream : known) out.push_back({stream.pid, stream.type});
  return out;
}

}  // namespace

TsUnpacker::TsUnpacker(std::size_t bytes, Bytes room) : expected_(bytes), room_(std::move(room)) {}

void TsUnpacker::push(ByteView bytes) {
  bytes_ += bytes.size();
  packetizer_.push(bytes, [this](const std::byte* packet) { take(packet); });
}

void TsUnpacker::take(const std::byte* packet) {
  if (open_) dispatch(packet);
  else hold(packet);
}

void TsUnpacker::dispatch(const std::byte* packet) {
  if (const auto channel = channel_of_[ts_pid(packet)]) channels_[channel - 1u].push(parse_ts_packet(packet), clock_);
}

// Tables most often stand in front; but they may come late.
void TsUnpacker::hold(const std::byte* packet) {
  any_ = true;
  held_.insert(held_.end(), packet, packet + kTsPacketSize);
  if (!tables_.wants(ts_pid(packet))) return;
  tables_.push(parse_ts_packet(packet));
  if (tables_.complete()) open_channels(tables_.choose());
}

void TsUnpacker::open_channels(const std::vector<TsEntry>& entries) {
  open_ = true;
  auto choice = choose_streams(entries);
  if (!choice) {
    error_ = std::move(choice).error();
  } else {
    left_out_ = std::move(choice->left_out);
    for (const auto& [pid, type] : choice->streams) {
      channels_.emplace_back(pid, type, expected_, find_video_coding(type) ? std::exchange(room_, {}) : Bytes{});
      channel_of_[pid] = static_cast<std::uint8_t>(channels_.size());
    }
  }
  for (std::size_t at = 0; at < held_.size(); at += kTsPacketSize) dispatch(held_.data() + at);
  held_ = {};
}

// A segment without tables of its own has the streams of the one before.
Result<void> TsUnpacker::see_to_channels(const TsState& state) {
  if (!any_) return fail(ErrorKind::corrupt, "the segment is no MPEG transport stream");
  if (!open_ && !tables_.any() && state.streams.empty())
    return fail(ErrorKind::corrupt, "the segment does not say what is in it (no PAT or PMT)");
  if (!open_) open_channels(tables_.any() ? tables_.choose() : entries_of(state.streams));
  if (error_) return std::unexpected(*error_);
  return {};
}

Result<DemuxedSegment> TsUnpacker::finish(TsState& state) {
  packetizer_.finish([this](const std::byte* packet) { take(packet); });
  TRY(see_to_channels(state));
  TsState next;
  next.left_out = left_out_;
  auto assembled = assemble(channels_, state, clock_.shift_to(state.near), next);
  if (assembled.tracks.empty()) return std::unexpected(nothing_usable(assembled));
  DemuxedSegment out;
  out.packets = interleave(assembled.tracks);
  for (auto& track : assembled.tracks) {
    out.tracks.push_back(std::move(track.track));
    out.storage.push_back(std::move(track.storage));
  }
  next.near = out.packets.back().dts;
  next.damage = packetizer_.losses() + assembled.damage + assembled.scrambled;
  state = std::move(next);
  return out;
}

Result<DemuxedSegment> demux_ts(ByteView segment, TsState& state) {
  TsUnpacker unpacker(segment.size());
  unpacker.push(segment);
  return unpacker.finish(state);
}

}  // namespace aircheck::media
