#include "recorder/mapped_segment.hpp"

#include <algorithm>
#include <span>

#include "media/track_change.hpp"
#include "recorder/recorded_file.hpp"
#include "recorder/track_home.hpp"

namespace aircheck::recorder {
namespace {

// A segment never covers to the nanosecond what its playlist says.
constexpr nanoseconds kMappedRounding = milliseconds{120};

// The first track that it has packets of: the picture, where there is one.
std::uint32_t main_track(const capture::Piece& piece) {
  return std::ranges::min(piece.media.packets, {}, &media::Packet::track).track;
}

}  // namespace

Result<MappedSegment> map_segment(const capture::Piece& piece, const std::vector<media::Track>& file) {
  const auto& stream = piece.media.tracks;
  std::vector<std::size_t> home(stream.size());
  std::vector<Bytes> prefix(stream.size());
  MappedSegment out;
  for (std::size_t i = 0; i < stream.size(); ++i) {
    if (std::ranges::find(piece.media.packets, i, &media::Packet::track) == piece.media.packets.end()) continue;
    const auto found = home_of(i, stream, file);
    const auto change =
        found ? media::compare(std::span(&file[*found], 1), std::span(&stream[i], 1)) : media::TrackChange::new_file;
    if (change == media::TrackChange::new_file)
      return fail(ErrorKind::unsupported, "it is coded otherwise than the file");
    home[i] = *found;
    if (change == media::TrackChange::in_band) prefix[i] = media::parameter_sets_prefix(stream[i]);
    out.new_sets |= !prefix[i].empty();
  }
  out.begin = nanoseconds::max();
  out.end = nanoseconds::min();
  const auto main = main_track(piece);
  std::int64_t frames = 0;
  nanoseconds last = nanoseconds::min();
  for (auto packet : piece.media.packets) {
    if (packet.track == main) {
      ++frames;
      last = std::max(last, packet.pts);
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
  if (frames > 1)
    out.end = std::max(out.end, last + (last - out.begin) / (frames - 1));  // not all say how long they are
  make_up_dts(out.packets);
  return out;
}

void restrict_to(media::TrackKind kind, capture::Piece& piece) {
  const auto& tracks = piece.media.tracks;
  const bool had = !piece.media.packets.empty();
  std::erase_if(piece.media.packets, [&](const auto& packet) { return tracks[packet.track].kind != kind; });
  if (!had || !piece.media.packets.empty()) return;
  piece.lost = true;
  piece.error = {ErrorKind::not_found, "it has nothing of what is missing"};
}

nanoseconds shortfall_of(const capture::Piece& piece, const MappedSegment& segment) {
  const auto out = piece.duration - (segment.end - segment.begin);
  return out > kMappedRounding ? out : nanoseconds{0};
}

}  // namespace aircheck::recorder
