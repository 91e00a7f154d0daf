#include "media/ts.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "media/ts_channel.hpp"
#include "media/ts_survey.hpp"

namespace aircheck::media {
namespace {

struct Assembled {
  std::vector<TsAssembler::Output> tracks;
  std::size_t damage = 0, scrambled = 0;
  std::optional<Error> error;  // of a stream that yields nothing
};

// Payloads go to their streams. Returns how often the packets were not where they should have been.
std::size_t collect(ByteView segment, std::vector<TsChannel>& channels, TsClock& clock) {
  std::array<TsChannel*, kTsPids> by_pid{};
  for (auto& channel : channels) by_pid[channel.stream().pid] = &channel;
  TsPackets packets(segment);
  while (const auto* const packet = packets.next())
    if (auto* const channel = by_pid[ts_pid(packet)]) channel->push(parse_ts_packet(packet), clock);
  return packets.losses();
}

Assembled assemble(std::vector<TsChannel>& channels, TsState& state) {
  Assembled out;
  std::vector<TsAssembler::Output> sound;  // after video
  for (auto& channel : channels) {
    auto track = channel.finish();
    out.damage += channel.damage();
    out.scrambled += channel.scrambled();
    if (!track) {
      out.error = track.error();
      if (track.error().kind == ErrorKind::unsupported) state.left_out.push_back(track.error().message);
      else ++out.damage;
    } else if (!track->packets.empty()) {
      out.damage += track->damage;
      track->track.id = channel.stream().pid;
      auto& tracks = track->track.kind == TrackKind::video ? out.tracks : sound;
      tracks.push_back(std::move(*track));
    }
    state.streams.push_back(channel.stream());
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

}  // namespace

Result<DemuxedSegment> demux_ts(ByteView segment, TsState& state) {
  const auto survey = TRY(survey_ts(segment, state.streams));
  TsState next;
  next.left_out = survey.left_out;
  TsClock clock(state.near);
  std::vector<TsChannel> channels;
  channels.reserve(survey.streams.size());
  for (const auto& stream : survey.streams) channels.emplace_back(stream, segment.size());
  const auto losses = collect(segment, channels, clock);
  auto assembled = assemble(channels, next);
  if (assembled.tracks.empty()) return std::unexpected(nothing_usable(assembled));
  DemuxedSegment out;
  out.packets = interleave(assembled.tracks);
  for (auto& track : assembled.tracks) {
    out.tracks.push_back(std::move(track.track));
    out.storage.push_back(std::move(track.storage));
  }
  next.near = out.packets.back().dts;
  next.damage = losses + assembled.damage + assembled.scrambled;
  state = std::move(next);
  return out;
}

}  // namespace aircheck::media
