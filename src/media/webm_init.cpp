// The header of a WebM stream: Info and Tracks. Its clusters: webm.cpp.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "media/av1.hpp"
#include "media/ebml.hpp"
#include "media/ebml_reader.hpp"
#include "media/webm.hpp"

namespace aircheck::media {
namespace {

using namespace ebml;

// Those whose frames stand in the order in which they are shown: Matroska keeps no other times.
constexpr std::array<std::pair<std::string_view, Codec>, 6> kCodecs{{{"V_VP9", Codec::vp9},
                                                                     {"V_AV1", Codec::av1},
                                                                     {"A_OPUS", Codec::opus},
                                                                     {"A_AAC", Codec::aac},
                                                                     {"A_MPEG/L3", Codec::mp3},
                                                                     {"A_AC3", Codec::ac3}}};
constexpr std::uint64_t kMostPixels = 65'535, kMostDuration = 3'600'000'000'000;  // an hour of ns

std::uint32_t small_number(ByteView body) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(number_of(body), kMostPixels));
}

nanoseconds short_time(ByteView body) {
  const auto value = number_of(body);
  return nanoseconds{value <= kMostDuration ? static_cast<std::int64_t>(value) : 0};
}

std::uint8_t code_point(ByteView body) {
  const auto value = number_of(body);
  return value <= UINT8_MAX ? static_cast<std::uint8_t>(value) : Colour::kUnspecified;
}

// Whole or not at all: half of it would say something else.
void read_mastering(ByteView body, Colour& colour) {
  Mastering out;
  std::size_t known = 0;
  ElementReader elements(body);
  while (const auto element = elements.next()) {
    const auto value = real_of(element->body);
    const auto place = element->id - kPrimaryRChromaticityX;
    known += element->id >= kPrimaryRChromaticityX && element->id <= kLuminanceMin;
    if (element->id >= kPrimaryRChromaticityX && place < out.chromaticities.size()) out.chromaticities[place] = value;
    if (element->id == kLuminanceMax) out.max_luminance = value;
    if (element->id == kLuminanceMin) out.min_luminance = value;
  }
  if (known == out.chromaticities.size() + 2) colour.mastering = out;
}

void read_colour(ByteView body, Colour& colour) {
  ElementReader elements(body);
  while (const auto element = elements.next()) {
    if (element->id == kMatrixCoefficients) colour.matrix = code_point(element->body);
    if (element->id == kTransferCharacteristics) colour.transfer = code_point(element->body);
    if (element->id == kPrimaries) colour.primaries = code_point(element->body);
    if (element->id == kMaxCll) colour.max_cll = small_number(element->body);
    if (element->id == kMaxFall) colour.max_fall = small_number(element->body);
    if (element->id == kMasteringMetadata) read_mastering(element->body, colour);
    if (element->id == kRange && number_of(element->body) <= 2)
      colour.range = static_cast<Colour::Range>(number_of(element->body));
  }
}

void read_video(ByteView body, Track& track) {
  ElementReader elements(body);
  while (const auto element = elements.next()) {
    if (element->id == kPixelWidth) track.width = small_number(element->body);
    if (element->id == kPixelHeight) track.height = small_number(element->body);
    if (element->id == kDisplayWidth) track.display_width = small_number(element->body);
    if (element->id == kDisplayHeight) track.display_height = small_number(element->body);
    if (element->id == kColour) read_colour(element->body, track.colour);
  }
  if (track.display_width == track.width && track.display_height == track.height)
    track.display_width = track.display_height = 0;
}

void read_audio(ByteView body, Track& track) {
  track.sample_rate = 8'000;  // what the specification says of a missing one
  track.channels = 1;
  ElementReader elements(body);
  while (const auto element = elements.next()) {
    if (element->id == kChannels) track.channels = small_number(element->body);
    if (element->id != kSamplingFrequency) continue;
    const auto rate = real_of(element->body);
    if (rate >= 1 && rate < 1e7) track.sample_rate = static_cast<std::uint32_t>(std::lround(rate));
  }
}

void set_codec(std::string_view id, Track& track, std::string& unknown) {
  const auto found = std::ranges::find_if(kCodecs, [id](const auto& codec) { return id.starts_with(codec.first); });
  if (found != kCodecs.end()) track.codec = found->second;
  else unknown = fmt::format("coded as {}", id.substr(0, 40));
}

struct Entry {
  Track track;
  std::string unknown;  // why it is not recorded
  bool encoded = false;
};

// A field of a TrackEntry.
void read_field(const ElementView& element, Entry& entry) {
  auto& track = entry.track;
  switch (element.id) {
    case kTrackNumber: track.id = small_number(element.body); break;
    case kTrackType:
      track.kind = number_of(element.body) == 1 ? TrackKind::video : TrackKind::audio;
      if (number_of(element.body) > 2) entry.unknown = "neither picture nor sound";
      break;
    case kCodecId: set_codec(as_text(element.body), track, entry.unknown); break;
    case kCodecPrivate: track.codec_private.assign(element.body.begin(), element.body.end()); break;
    case kDefaultDuration: track.default_duration = short_time(element.body); break;
    case kCodecDelay: track.codec_delay = short_time(element.body); break;
    case kSeekPreRoll: track.seek_preroll = short_time(element.body); break;
    case kVideo: read_video(element.body, track); break;
    case kAudio: read_audio(element.body, track); break;
    case kContentEncodings: entry.encoded = true; break;
    default: break;
  }
}

Result<void> add_track(ByteView body, WebmInit& init) {
  Entry entry;
  ElementReader elements(body);
  while (const auto element = elements.next()) read_field(*element, entry);
  if (elements.cut() || elements.too_long()) return fail(ErrorKind::corrupt, "a track's header is cut off");
  if (entry.encoded)
    return fail(ErrorKind::unsupported, "the media is encrypted or packed in a way that we do not read");
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
