#include "media/mkv_track_entry.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "media/ebml.hpp"
#include "media/ebml_reader.hpp"

namespace aircheck::media {
namespace {

using namespace ebml;

constexpr std::array<std::pair<std::string_view, Codec>, 8> kCodecs{{{"V_MPEG4/ISO/AVC", Codec::h264},
                                                                     {"V_MPEGH/ISO/HEVC", Codec::hevc},
                                                                     {"V_VP9", Codec::vp9},
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
    known += element->id >= kPrimaryRChromaticityX && element->id <= kLuminanceMin && std::isfinite(value);
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

void set_codec(TrackEntry& entry) {
  const auto found =
      std::ranges::find_if(kCodecs, [&](const auto& codec) { return entry.codec_id.starts_with(codec.first); });
  if (found != kCodecs.end()) entry.track.codec = found->second;
  else entry.unknown = fmt::format("coded as {}", entry.codec_id);
}

void read_field(const ElementView& element, TrackEntry& entry) {
  constexpr std::size_t kLongestId = 40;
  auto& track = entry.track;
  switch (element.id) {
    case kTrackNumber: track.id = small_number(element.body); break;
    case kTrackType:
      track.kind = number_of(element.body) == 1 ? TrackKind::video : TrackKind::audio;
      if (number_of(element.body) > 2) entry.unknown = "neither picture nor sound";
      break;
    case kCodecId:
      entry.codec_id = as_text(element.body).substr(0, kLongestId);
      set_codec(entry);
      break;
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

}  // namespace

Result<TrackEntry> read_track_entry(ByteView body) {
  TrackEntry entry;
  ElementReader elements(body);
  while (const auto element = elements.next()) read_field(*element, entry);
  if (elements.cut() || elements.too_long()) return fail(ErrorKind::corrupt, "a track's header is cut off");
  return entry;
}

}  // namespace aircheck::media
