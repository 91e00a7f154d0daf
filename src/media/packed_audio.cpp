#include "media/packed_audio.hpp"

#include <algorithm>

#include "media/ac3.hpp"
#include "media/adts.hpp"
#include "media/id3.hpp"
#include "media/mpeg_audio.hpp"

namespace aircheck::media {
namespace {

constexpr std::uint8_t kAac = 0x0f, kMp3 = 0x03, kAc3 = 0x81;  // as a PMT would say
constexpr std::size_t kFarthestSync = 4096;

std::optional<std::uint8_t> find_type(ByteView audio) {
  for (std::size_t offset = 0; offset + kAudioHeaderSize <= std::min(audio.size(), kFarthestSync); ++offset) {
    const auto rest = audio.subspan(offset);
    if (parse_adts(rest)) return kAac;
    if (parse_mp3(rest)) return kMp3;
    if (parse_ac3(rest)) return kAc3;
  }
  return {};
}

}  // namespace

Result<DemuxedSegment> demux_packed_audio(ByteView segment, TsState& state) {
  std::optional<std::uint64_t> timestamp;
  while (const auto tag = parse_id3(segment)) {
    if (!timestamp) timestamp = tag->timestamp;
    segment = segment.subspan(std::min(tag->size, segment.size()));
  }
  const auto type = find_type(segment);
  if (!type) return fail(ErrorKind::corrupt, "the segment holds no sound that we know");
  TsStream stream{.type = *type};
  if (!timestamp && !state.streams.empty() && state.streams[0].type == *type) stream = state.streams[0];
  TsClock clock(state.near);
  const auto assembler = make_ts_assembler(*type, segment.size());
  if (timestamp) assembler->begin({.pts = clock.unwrap(*timestamp)});
  else if (!stream.carry_time) assembler->begin({.pts = 0});
  assembler->append(segment);
  auto track = TRY(assembler->finish(stream, 0));
  if (track.packets.empty()) return fail(ErrorKind::corrupt, "the segment holds no complete frame of sound");
  // What follows without a time of its own goes on here.
  if (!stream.carry_time) stream.carry_time = track.packets.back().pts + track.packets.back().duration;
  state.near = track.packets.back().dts;
  state.damage = track.damage;
  state.left_out.clear();
  state.streams = {std::move(stream)};
  DemuxedSegment out;
  out.packets = std::move(track.packets);
  out.tracks.push_back(std::move(track.track));
  out.storage.push_back(std::move(track.storage));
  return out;
}

}  // namespace aircheck::media
