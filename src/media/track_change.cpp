#include "media/track_change.hpp"

#include <algorithm>

namespace aircheck::media {
namespace {

// The parameter sets of an avcC or hvcC record, each with its length in front, and how wide lengths are in the payload.
struct ParameterSetList {
  std::size_t length_size = 4;
  Bytes sets;
  bool operator==(const ParameterSetList&) const = default;
};

void append_sets(ByteReader& in, std::size_t count, ParameterSetList& out) {
  ByteWriter writer(out.sets);
  for (; count > 0 && in.ok(); --count) {
    const auto set = in.take(in.u16());
    if (!in.ok() || set.size() >> (8 * out.length_size) != 0) return;
    writer.big_endian(set.size(), out.length_size);
    writer.raw(set);
  }
}

ParameterSetList avc_sets(ByteView config) {
  ByteReader in(config);
  ParameterSetList out;
  in.skip(4);
  out.length_size = (in.u8() & 3u) + 1;
  append_sets(in, in.u8() & 31u, out);
  append_sets(in, in.u8(), out);
  return out;
}

ParameterSetList hevc_sets(ByteView config) {
  ByteReader in(config);
  ParameterSetList out;
  in.skip(21);
  out.length_size = (in.u8() & 3u) + 1;
  for (std::size_t arrays = in.u8(); arrays > 0 && in.ok(); --arrays) {
    in.skip(1);
    append_sets(in, in.u16(), out);
  }
  return out;
}

ParameterSetList sets_of(const Track& track) {
  return track.codec == Codec::h264 ? avc_sets(track.codec_private) : hevc_sets(track.codec_private);
}

TrackChange compare_sets(const Track& now, const Track& next) {
  const auto old_sets = sets_of(now), new_sets = sets_of(next);
  if (old_sets.length_size != new_sets.length_size) return TrackChange::new_file;
  return old_sets == new_sets ? TrackChange::same : TrackChange::in_band;
}

TrackChange compare(const Track& now, const Track& next) {
  if (now.kind != next.kind || now.codec != next.codec) return TrackChange::new_file;
  if (contradicts(now.colour, next.colour)) return TrackChange::new_file;  // players believe the head
  switch (next.codec) {
    case Codec::h264:
    case Codec::hevc: return compare_sets(now, next);
    // Key frames of AV1 and VP9, and every frame of MP3 and AC-3, say themselves what they are.
    case Codec::av1:
    case Codec::vp9: return now.codec_private == next.codec_private ? TrackChange::same : TrackChange::in_band;
    case Codec::aac:
    case Codec::opus:
    case Codec::mp3:
    case Codec::ac3: break;
  }
  const bool same =
      now.codec_private == next.codec_private && now.sample_rate == next.sample_rate && now.channels == next.channels;
  return same ? TrackChange::same : TrackChange::new_file;
}

}  // namespace

TrackChange compare(std::span<const Track> now, std::span<const Track> next) {
  if (now.size() != next.size()) return TrackChange::new_file;
  auto out = TrackChange::same;
  for (std::size_t i = 0; i < now.size(); ++i) out = std::max(out, compare(now[i], next[i]));
  return out;
}

bool has_parameter_sets(const Track& track, ByteView key_frame) {
  if (track.codec != Codec::h264 && track.codec != Codec::hevc) return true;
  const auto length_size = sets_of(track).length_size;
  for (ByteReader in(key_frame); in.ok() && !in.at_end();) {
    const auto unit = in.take(static_cast<std::size_t>(in.big_endian(length_size)));
    if (!in.ok() || unit.empty()) return false;
    const auto header = std::to_integer<unsigned>(unit.front());
    if (track.codec == Codec::h264 ? (header & 31u) == 7 : (header >> 1 & 63u) == 33) return true;  // an SPS
  }
  return false;
}

Bytes parameter_sets_prefix(const Track& track, ParameterSets where) {
  if (where == ParameterSets::in_band || (track.codec != Codec::h264 && track.codec != Codec::hevc)) return {};
  return sets_of(track).sets;
}

}  // namespace aircheck::media
