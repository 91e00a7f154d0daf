// The header of a WebM stream: Info and Tracks. Its clusters: webm.cpp.
#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "media/av1.hpp"
#include "media/ebml.hpp"
#include "media/ebml_reader.hpp"
#include "media/mkv_track_entry.hpp"
#include "media/webm.hpp"

namespace aircheck::media {
namespace {

using namespace ebml;

// Matroska keeps only the times at which frames are shown, so those must be the order in which they stand.
bool is_reordered(const TrackEntry& entry) {
  return entry.track.kind == TrackKind::video && (entry.track.codec == Codec::h264 || entry.track.codec == Codec::hevc);
}

Result<void> add_track(ByteView body, WebmInit& init) {
  auto entry = TRY(read_track_entry(body));
  if (entry.encoded)
    return fail(ErrorKind::unsupported, "the media is encrypted or packed in a way that we do not read");
  if (entry.unknown.empty() && is_reordered(entry)) entry.unknown = fmt::format("coded as {}", entry.codec_id);
  const auto same = [&](const auto& other) { return other.kind == entry.track.kind; };
  if (entry.unknown.empty() && std::ranges::any_of(init.tracks, same)) entry.unknown = "there is another of its kind";
  if (!entry.unknown.empty()) {
    init.left_out.push_back(fmt::format("track {}: {}", entry.track.id, entry.unknown));
    return {};
  }
  if (entry.track.codec == Codec::av1) complete(entry.track.colour, av1_colour(entry.track.codec_private));
  const auto place = entry.track.kind == TrackKind::video ? init.tracks.begin() : init.tracks.end();
  init.tracks.insert(place, std::move(entry.track));
  return {};
}

Result<void> read_tracks(ByteView body, WebmInit& init) {
  constexpr std::size_t kMostTracks = 32;
  init.tracks.clear();
  init.left_out.clear();
  ElementReader elements(body);
  std::size_t seen = 0;
  while (const auto element = elements.next()) {
    if (element->id != kTrackEntry) continue;
    if (++seen > kMostTracks) break;
    TRY(add_track(element->body, init));
  }
  if (elements.cut() || elements.too_long()) return fail(ErrorKind::corrupt, "the tracks' header is cut off");
  return {};
}

void read_info(ByteView body, WebmInit& init) {
  ElementReader elements(body);
  while (const auto element = elements.next()) {
    const auto tick = element->id == kTimestampScale ? number_of(element->body) : 0;
    if (tick > 0 && tick <= 1'000'000'000) init.tick = static_cast<std::int64_t>(tick);
  }
}

}  // namespace

Result<WebmInit> parse_webm_init(ByteView bytes) {
  WebmInit out;
  bool found = false;
  ElementReader elements(bytes);
  while (const auto element = elements.next()) {
    if (element->id == kSegment) elements.enter();
    if (element->id == kCluster) break;
    if (element->id != kInfo && element->id != kTracks) continue;
    if (elements.too_long()) return fail(ErrorKind::corrupt, "the header is cut off");
    if (element->id == kInfo) read_info(element->body, out);
    if (element->id == kTracks) TRY(read_tracks(element->body, out));
    found |= element->id == kTracks;
  }
  if (!found) return fail(ErrorKind::corrupt, "there is no header of tracks, or it is cut off");
  if (!out.tracks.empty()) return out;
  if (out.left_out.empty()) return fail(ErrorKind::corrupt, "the header has no tracks");
  return fail(ErrorKind::unsupported, fmt::format("nothing that can be recorded: {}", out.left_out.front()));
}

}  // namespace aircheck::media
