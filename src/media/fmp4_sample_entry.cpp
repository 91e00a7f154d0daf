#include "media/fmp4_sample_entry.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>

#include "media/av1.hpp"
#include "media/avc.hpp"
#include "media/fmp4_audio.hpp"
#include "media/fmp4_box.hpp"
#include "media/hdr.hpp"
#include "media/hevc.hpp"

namespace aircheck::media {
namespace {

constexpr std::size_t kVideoEntrySize = 78, kAudioEntrySize = 28;

std::string name_of(std::uint32_t type) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) {
    const auto letter = static_cast<char>(type >> shift & 0xff);
    out += letter > ' ' && letter < 0x7f ? letter : '?';
  }
  return out;
}

Result<ByteView> need_box(ByteView bytes, const char (&name)[5]) {
  if (const auto body = find_box(bytes, box_type(name))) return *body;
  return fail(ErrorKind::corrupt, fmt::format("a track has no {} box", name));
}

void apply_config(ByteView config, Codec codec, Track& track) {
  track.codec = codec;
  track.codec_private.assign(config.begin(), config.end());
}

// What the codec's own header says of the picture goes before what the container does.
void apply_format(const Result<VideoFormat>& format, Track& track) {
  constexpr nanoseconds kShortest = milliseconds{3}, kLongest = seconds{1};
  if (!format) return;
  apply(*format, track);
  if (format->frame_duration >= kShortest && format->frame_duration <= kLongest)
    track.default_duration = format->frame_duration;
}

// vpcC behind its bit depth and chroma subsampling
Colour vp9_colour(ByteView config) {
  ByteReader in(config);
  in.skip(6);
  const auto format = in.u8();
  const std::uint8_t primaries = in.u8(), transfer = in.u8(), matrix = in.u8();
  Colour out;
  if (in.ok()) out.set(primaries, transfer, matrix, (format & 1) != 0);
  return out;
}

// What the container itself says (ISO/IEC 14496-12 §12.1.5, 12.1.6).
Colour container_colour(ByteView boxes) {
  Colour out;
  if (const auto box = find_box(boxes, box_type("colr"))) {
    ByteReader in(*box);
    const auto kind = in.u32();
    const auto primaries = in.u16(), transfer = in.u16(), matrix = in.u16();
    const bool full = (in.u8() & 0x80) != 0;
    const bool fits = primaries <= 255 && transfer <= 255 && matrix <= 255;
    if (in.ok() && kind == box_type("nclx") && fits)
      out.set(static_cast<std::uint8_t>(primaries), static_cast<std::uint8_t>(transfer),
              static_cast<std::uint8_t>(matrix), full);
  }
  if (const auto box = find_box(boxes, box_type("mdcv"))) read_mastering(*box, out);
  if (const auto box = find_box(boxes, box_type("clli"))) read_light_level(*box, out);
  return out;
}

// vpcC into the feature list that Matroska has for VP9: profile, level, bit depth, chroma subsampling; one byte each.
Bytes vp9_features(ByteView config) {
  ByteReader in(config);
  in.skip(4);
  const std::uint8_t profile = in.u8(), level = in.u8(), format = in.u8();
  Bytes out;
  if (!in.ok()) return out;
  ByteWriter writer(out);
  std::uint8_t id = 0;
  for (const int value : {int{profile}, int{level}, format >> 4, format >> 1 & 7}) {
    writer.u8(++id);
    writer.u8(1);
    writer.u8(static_cast<std::uint8_t>(value));
  }
  return out;
}

Result<void> apply_video_codec(std::uint32_t type, ByteView boxes, Track& track) {
  switch (type) {
    case box_type("avc1"):
    case box_type("avc3"):
      apply_config(TRY(need_box(boxes, "avcC")), Codec::h264, track);
      apply_format(parse_avcc(track.codec_private), track);
      return {};
    case box_type("hvc1"):
    case box_type("hev1"):
    case box_type("dvh1"):
    case box_type("dvhe"):
      apply_config(TRY(need_box(boxes, "hvcC")), Codec::hevc, track);
      apply_format(parse_hvcc(track.codec_private), track);
      return {};
    case box_type("av01"):
      apply_config(TRY(need_box(boxes, "av1C")), Codec::av1, track);
      complete(track.colour, av1_colour(track.codec_private));
      return {};
    case box_type("vp09"): {
      const auto config = TRY(need_box(boxes, "vpcC"));
      apply_config(vp9_features(config), Codec::vp9, track);
      complete(track.colour, vp9_colour(config));
      return {};
    }
    default: return fail(ErrorKind::unsupported, fmt::format("video coded as {}", name_of(type)));
  }
}

Result<Track> parse_video_entry(std::uint32_t type, ByteView entry) {
  Track track;
  track.kind = TrackKind::video;
  ByteReader in(entry);
  in.skip(24);
  track.width = in.u16();
  track.height = in.u16();
  in.skip(kVideoEntrySize - 28);
  if (!in.ok()) return fail(ErrorKind::corrupt, "a video track's description is cut off");
  const auto boxes = entry.subspan(kVideoEntrySize);
  track.colour = container_colour(boxes);
  TRY(apply_video_codec(type, boxes, track));
  if (const auto shape = find_box(boxes, box_type("pasp"))) {
    ByteReader pasp(*shape);
    VideoFormat format{.width = track.width, .height = track.height};
    format.aspect_width = pasp.u32();
    format.aspect_height = pasp.u32();
    track.display_width = track.display_height = 0;
    if (pasp.ok()) apply(format, track);
  }
  return track;
}

// QuickTime's versions 1 and 2 have more fields before the boxes.
std::size_t audio_boxes(std::uint16_t version) { return kAudioEntrySize + (version == 1 ? 16 : version == 2 ? 36 : 0); }

Result<void> apply_audio_codec(std::uint32_t type, ByteView boxes, Track& track) {
  switch (type) {
    case box_type("mp4a"): {
      const auto wave = find_box(boxes, box_type("wave"));
      return apply_esds(TRY(need_box(wave ? *wave : boxes, "esds")), track);
    }
    case box_type("Opus"): return apply_dops(TRY(need_box(boxes, "dOps")), track);
    case box_type("ac-3"): track.codec = Codec::ac3; return {};
    case box_type(".mp3"): track.codec = Codec::mp3; return {};
    default: return fail(ErrorKind::unsupported, fmt::format("audio coded as {}", name_of(type)));
  }
}

Result<Track> parse_audio_entry(std::uint32_t type, ByteView entry) {
  Track track;
  track.kind = TrackKind::audio;
  ByteReader in(entry);
  in.skip(8);
  const auto version = in.u16();
  in.skip(6);
  track.channels = in.u16();
  in.skip(6);
  track.sample_rate = in.u32() >> 16;
  const auto start = audio_boxes(version);
  if (!in.ok() || entry.size() < start) return fail(ErrorKind::corrupt, "an audio track's description is cut off");
  TRY(apply_audio_codec(type, entry.subspan(start), track));
  return track;
}

bool is_audio(std::uint32_t type) {
  constexpr std::array kTypes{box_type("mp4a"), box_type("Opus"), box_type("ac-3"), box_type(".mp3"),
                              box_type("ec-3"), box_type("fLaC"), box_type("alac"), box_type("mha1")};
  return std::ranges::find(kTypes, type) != kTypes.end();
}

std::optional<Box> first_entry(ByteView stsd) {
  constexpr std::size_t kBeforeEntries = 8;  // version, flags, count
  return BoxReader(stsd.subspan(std::min(kBeforeEntries, stsd.size()))).next();
}

}  // namespace

bool is_encrypted(ByteView stsd) {
  const auto entry = first_entry(stsd);
  return entry && (entry->type == box_type("encv") || entry->type == box_type("enca"));
}

Result<Track> parse_sample_description(ByteView stsd) {
  const auto entry = first_entry(stsd);
  if (!entry) return fail(ErrorKind::corrupt, "a track has no description");
  return is_audio(entry->type) ? parse_audio_entry(entry->type, entry->body)
                               : parse_video_entry(entry->type, entry->body);
}

}  // namespace aircheck::media
