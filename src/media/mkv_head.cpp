#include "media/mkv_head.hpp"

#include <fmt/core.h>

#include "media/ebml.hpp"

namespace aircheck::media {
namespace {

using namespace ebml;

constexpr std::size_t kSegmentHeader = 12;  // id and an eight-byte size
constexpr std::size_t kVoidHeader = 9;      // the same of a Void, one byte of id

std::string_view codec_id(Codec codec) {
  switch (codec) {
    case Codec::h264: return "V_MPEG4/ISO/AVC";
    case Codec::hevc: return "V_MPEGH/ISO/HEVC";
    case Codec::av1: return "V_AV1";
    case Codec::vp9: return "V_VP9";
    case Codec::aac: return "A_AAC";
    case Codec::mp3: return "A_MPEG/L3";
    case Codec::opus: return "A_OPUS";
    case Codec::ac3: return "A_AC3";
  }
  return "";
}

Bytes ebml_header() {
  Bytes body, out;
  put_uint(body, kEbmlVersion, 1);
  put_uint(body, kEbmlReadVersion, 1);
  put_uint(body, kEbmlMaxIdLength, 4);
  put_uint(body, kEbmlMaxSizeLength, 8);
  put_text(body, kDocType, "matroska");
  put_uint(body, kDocTypeVersion, 4);
  put_uint(body, kDocTypeReadVersion, 2);
  put_binary(out, kEbml, body);
  return out;
}

Bytes info_element(const HeadInfo& info) {
  Bytes body, out;
  put_uint(body, kTimestampScale, 1'000'000);
  if (info.duration) put_float(body, kDuration, std::chrono::duration<double, std::milli>(*info.duration).count());
  const auto since_epoch = info.date.value_or(kMatroskaEpoch) - kMatroskaEpoch;
  if (info.date && std::chrono::abs(since_epoch) < std::chrono::floor<milliseconds>(nanoseconds::max()))
    put_uint(body, kDateUtc, static_cast<std::uint64_t>(nanoseconds(since_epoch).count()), 8);
  put_binary(body, kSegmentUid, info.uid);
  if (!info.title.empty()) put_text(body, kTitle, info.title);
  put_text(body, kMuxingApp, "aircheck");
  put_text(body, kWritingApp, info.writing_app);
  put_binary(out, kInfo, body);
  return out;
}

Bytes mastering_element(const Mastering& mastering) {
  Bytes out;
  std::uint32_t id = kPrimaryRChromaticityX;
  for (const auto value : mastering.chromaticities) put_float(out, id++, value);
  put_float(out, kLuminanceMax, mastering.max_luminance);
  put_float(out, kLuminanceMin, mastering.min_luminance);
  return out;
}

Bytes colour_element(const Colour& colour) {
  Bytes out;
  const auto put = [&out](std::uint32_t id, std::uint32_t value, std::uint32_t unknown) {
    if (value != unknown) put_uint(out, id, value);
  };
  put(kMatrixCoefficients, colour.matrix, Colour::kUnspecified);
  put(kRange, static_cast<std::uint32_t>(colour.range), 0);
  put(kTransferCharacteristics, colour.transfer, Colour::kUnspecified);
  put(kPrimaries, colour.primaries, Colour::kUnspecified);
  put(kMaxCll, colour.max_cll, 0);
  put(kMaxFall, colour.max_fall, 0);
  if (colour.mastering) put_binary(out, kMasteringMetadata, mastering_element(*colour.mastering));
  return out;
}

Bytes video_element(const Track& track) {
  Bytes out;
  put_uint(out, kPixelWidth, track.width);
  put_uint(out, kPixelHeight, track.height);
  if (track.display_width && track.display_height) {
    put_uint(out, kDisplayWidth, track.display_width);
    put_uint(out, kDisplayHeight, track.display_height);
  }
  if (track.colour.is_known()) put_binary(out, kColour, colour_element(track.colour));
  return out;
}

Bytes audio_element(const Track& track) {
  Bytes out;
  put_float(out, kSamplingFrequency, track.sample_rate);
  put_uint(out, kChannels, track.channels);
  return out;
}

Bytes track_entry(const Track& track, std::uint64_t number) {
  Bytes out;
  const bool video = track.kind == TrackKind::video;
  put_uint(out, kTrackNumber, number);
  put_uint(out, kTrackUid, number);
  put_uint(out, kTrackType, video ? 1 : 2);
  put_uint(out, kFlagLacing, 0);
  if (track.default_duration.count() > 0)
    put_uint(out, kDefaultDuration, static_cast<std::uint64_t>(track.default_duration.count()));
  put_text(out, kLanguage, "und");
  put_text(out, kCodecId, codec_id(track.codec));
  if (!track.codec_private.empty()) put_binary(out, kCodecPrivate, track.codec_private);
  if (track.codec_delay.count() > 0) put_uint(out, kCodecDelay, static_cast<std::uint64_t>(track.codec_delay.count()));
  if (track.seek_preroll.count() > 0)
    put_uint(out, kSeekPreRoll, static_cast<std::uint64_t>(track.seek_preroll.count()));
  put_binary(out, video ? kVideo : kAudio, video ? video_element(track) : audio_element(track));
  return out;
}

Bytes tracks_element(std::span<const Track> tracks) {
  Bytes body, out;
  std::uint64_t number = 0;
  for (const auto& track : tracks) put_binary(body, kTrackEntry, track_entry(track, ++number));
  put_binary(out, kTracks, body);
  return out;
}

Bytes chapter_atom(const Chapter& chapter, std::uint64_t number) {
  Bytes display, body, out;
  put_text(display, kChapterString, chapter.title);
  put_text(display, kChapterLanguage, "und");
  put_uint(body, kChapterUid, number);
  put_uint(body, kChapterTimeStart, chapter.start_ms * 1'000'000);
  put_binary(body, kChapterDisplay, display);
  put_binary(out, kChapterAtom, body);
  return out;
}

Bytes chapters_element(std::span<const Chapter> chapters, std::size_t most_bytes) {
  Bytes edition, body, out;
  std::uint64_t number = 0;
  for (const auto& chapter : chapters) {
    const auto atom = chapter_atom(chapter, ++number);
    if (edition.size() + atom.size() > most_bytes) break;
    ByteWriter(edition).raw(atom);
  }
  if (edition.empty()) return {};
  put_binary(body, kEditionEntry, edition);
  put_binary(out, kChapters, body);
  return out;
}

Bytes tags_element(const HeadInfo& info, std::size_t most_bytes) {
  if (info.tags.empty()) return {};
  Bytes tag, body, out;
  put_binary(tag, kTargets, {});
  for (const auto& [name, value] : info.tags) {
    Bytes simple;
    put_text(simple, kTagName, name);
    put_text(simple, kTagString, value);
    if (tag.size() + simple.size() > most_bytes) continue;
    put_binary(tag, kSimpleTag, simple);
  }
  put_binary(body, kTag, tag);
  put_binary(out, kTags, body);
  return out;
}

// Every `step`-th cue; positions are relative to the segment's data.
Bytes cues_element(std::span<const Cue> cues, std::size_t step, std::uint64_t segment_data) {
  if (cues.empty()) return {};
  Bytes body, out;
  body.reserve(cues.size() / step * 22 + 64);
  Bytes point, positions;
  for (std::size_t i = 0; i < cues.size(); i += step) {
    point.clear();
    positions.clear();
    put_uint(positions, kCueTrack, 1);
    put_uint(positions, kCueClusterPosition, cues[i].position - segment_data);
    put_uint(point, kCueTime, cues[i].time_ms);
    put_binary(point, kCueTrackPositions, positions);
    put_binary(body, kCuePoint, point);
  }
  put_binary(out, kCues, body);
  return out;
}

struct Placed {
  std::uint32_t id;
  const Bytes& element;
};

constexpr std::size_t kSeekEntry = 3 + 3 + 4 + 11;  // Seek header, SeekID, SeekPosition

// Position from the start of the segment's data, of fixed width, so that the size does not depend on it.
void put_seek(Bytes& out, std::uint32_t id, std::uint64_t position) {
  put_id(out, kSeek);
  put_size(out, kSeekEntry - 3, 1);
  put_uint(out, kSeekId, id, 4);
  put_uint(out, kSeekPosition, position, 8);
}

// Of the elements that follow it, and of attachments elsewhere.
Bytes seek_head(std::span<const Placed> elements, std::optional<std::uint64_t> attachments) {
  std::size_t count = attachments.has_value();
  for (const auto& placed : elements) count += !placed.element.empty();
  std::uint64_t position = 4 + 8 + count * kSeekEntry;
  Bytes out;
  put_id(out, kSeekHead);
  put_size(out, count * kSeekEntry, 8);
  for (const auto& [id, element] : elements) {
    if (!element.empty()) put_seek(out, id, position);
    position += element.size();
  }
  if (attachments) put_seek(out, kAttachments, *attachments);
  return out;
}

}  // namespace

Result<Bytes> make_unfilled_head(const HeadInfo& info, std::span<const Track> tracks, std::span<const Cue> cues,
                                 std::size_t head_size) {
  const auto header = ebml_header();
  const auto segment_data = header.size() + kSegmentHeader;
  const auto info_bytes = info_element(info), tracks_bytes = tracks_element(tracks),
             tags = tags_element(info, head_size / 4);
  const auto attachments =
      info.attachments ? std::optional(*info.attachments - segment_data) : std::optional<std::uint64_t>{};
  const auto chapters = chapters_element(info.chapters, head_size / 4);
  for (std::size_t step = 1;; step *= 2) {
    const auto cue_bytes = step > cues.size() ? Bytes{} : cues_element(cues, step, segment_data);
    const auto seek = seek_head(
        std::array<Placed, 5>{
            {{kInfo, info_bytes}, {kTracks, tracks_bytes}, {kChapters, chapters}, {kTags, tags}, {kCues, cue_bytes}}},
        attachments);
    const auto used = segment_data + seek.size() + info_bytes.size() + tracks_bytes.size() + chapters.size() +
                      tags.size() + cue_bytes.size();
    if (used + kVoidHeader > head_size && used != head_size) {
      if (cue_bytes.empty())
        return fail(ErrorKind::invalid_input, fmt::format("{} bytes of head do not fit into {}", used, head_size));
      continue;
    }
    Bytes out;
    out.reserve(used + kVoidHeader);
    ByteWriter writer(out);
    writer.raw(header);
    put_id(out, kSegment);
    if (info.file_length) put_size(out, *info.file_length - segment_data, 8);
    else put_unknown_size(out);
    for (const auto* part : {&seek, &info_bytes, &tracks_bytes, &chapters, &tags, &cue_bytes}) writer.raw(*part);
    begin_void(out, head_size - out.size());
    return out;
  }
}

Result<Bytes> make_head(const HeadInfo& info, std::span<const Track> tracks, std::span<const Cue> cues,
                        std::size_t head_size) {
  auto head = make_unfilled_head(info, tracks, cues, head_size);
  if (head) head->resize(head_size);
  return head;
}

}  // namespace aircheck::media
