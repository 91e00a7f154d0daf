// The head of a recording: everything in front of its clusters.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "media/ebml.hpp"
#include "media/ebml_reader.hpp"
#include "media/mkv_reader.hpp"
#include "media/mkv_track_entry.hpp"

namespace aircheck::media {
namespace {

using namespace ebml;

constexpr double kLongestMs = 1e12;

std::unexpected<Error> cut_off(std::string_view what) {
  return fail(ErrorKind::corrupt, fmt::format("the recording's head is damaged: {}", what));
}
std::unexpected<Error> foreign(std::string_view what) {
  return fail(ErrorKind::unsupported, fmt::format("this is no recording of aircheck: {}", what));
}

// `visit(ElementView)`, which answers Result<void>, for each child.
template <class Visit>
Result<void> for_each_child(ByteView body, Visit&& visit) {
  ElementReader elements(body);
  while (const auto element = elements.next()) {
    if (elements.too_long()) return cut_off("an element is longer than what it stands in");
    TRY(visit(*element));
  }
  if (elements.cut()) return cut_off("an element's header");
  return {};
}

std::string text_of(const ElementView& element) { return std::string(as_text(element.body)); }

class HeadReader {
 public:
  Result<MkvHead> run(ByteView bytes) {
    ElementReader elements(bytes);
    while (const auto element = elements.next()) {
      if (element->id == kCluster || element->id == kAttachments) return finish();
      if (element->id == kSegment) {
        begin_segment(bytes);
        elements.enter();
        continue;
      }
      if (elements.too_long() || element->unknown_size) return cut_off("an element's end is beyond what was read");
      TRY(read(*element));
      out_.size = static_cast<std::size_t>(element->body.data() + element->body.size() - bytes.data());
    }
    if (elements.cut()) return cut_off("an element's header");
    return finish();
  }

 private:
  void begin_segment(ByteView bytes) {
    const auto segment = read_mkv_element(bytes.subspan(out_.size)).value_or(MkvElement{});
    segment_data_ = out_.size + static_cast<std::size_t>(segment.header);
    if (!segment.unknown_size) out_.file_length = segment_data_ + segment.body;
    out_.size = segment_data_;
  }

  Result<MkvHead> finish() {
    if (segment_data_ == 0) return foreign("it is no Matroska file");
    if (out_.tracks.empty()) return foreign("it has no tracks");
    if (attachments_) out_.info.attachments = *attachments_ + segment_data_;
    for (auto& cue : out_.cues) cue.position += segment_data_;
    return std::move(out_);
  }

  Result<void> read(const ElementView& element) {
    switch (element.id) {
      case kSeekHead: return for_each_child(element.body, [this](const auto& child) { return read_seek(child); });
      case kInfo: return for_each_child(element.body, [this](const auto& child) { return read_info(child); });
      case kTracks: return for_each_child(element.body, [this](const auto& child) { return read_track(child); });
      case kChapters: return read_chapters(element.body);
      case kTags: return read_tags(element.body);
      case kCues: return for_each_child(element.body, [this](const auto& child) { return read_cue(child); });
      default: return {};
    }
  }

  Result<void> read_seek(const ElementView& seek) {
    std::uint64_t id = 0, position = 0;
    TRY(for_each_child(seek.body, [&](const ElementView& child) -> Result<void> {
      if (child.id == kSeekId) id = number_of(child.body);
      if (child.id == kSeekPosition) position = number_of(child.body);
      return {};
    }));
    if (id == kAttachments) attachments_ = position;
    return {};
  }

  Result<void> read_info(const ElementView& field) {
    auto& info = out_.info;
    switch (field.id) {
      case kTimestampScale:
        if (number_of(field.body) != 1'000'000) return foreign("its ticks are no milliseconds");
        break;
      case kDuration:
        if (const auto ms = real_of(field.body); ms >= 0 && ms < kLongestMs)
          info.duration = nanoseconds{std::llround(ms * 1e6)};
        break;
      case kDateUtc: {
        const nanoseconds since{static_cast<std::int64_t>(number_of(field.body))};
        info.date = Instant{std::chrono::floor<milliseconds>(since) + kMatroskaEpoch.time_since_epoch()};
        break;
      }
      case kSegmentUid:
        std::copy_n(field.body.begin(), std::min(field.body.size(), info.uid.size()), info.uid.begin());
        break;
      case kTitle: info.title = text_of(field); break;
      case kWritingApp: info.writing_app = text_of(field); break;
      default: break;
    }
    return {};
  }

  Result<void> read_track(const ElementView& element) {
    constexpr std::size_t kMostTracks = 32;
    if (element.id != kTrackEntry) return {};
    auto entry = TRY(read_track_entry(element.body));
    if (!entry.unknown.empty()) return foreign(entry.unknown);
    if (entry.encoded || out_.tracks.size() >= kMostTracks) return foreign("its tracks are of another kind");
    out_.tracks.push_back(std::move(entry.track));
    return {};
  }

  Result<void> read_chapters(ByteView body) {
    return for_each_child(body, [this](const ElementView& edition) -> Result<void> {
      if (edition.id != kEditionEntry) return {};
      return for_each_child(edition.body, [this](const ElementView& atom) { return read_chapter(atom); });
    });
  }

  Result<void> read_chapter(const ElementView& atom) {
    if (atom.id != kChapterAtom) return {};
    Chapter chapter;
    TRY(for_each_child(atom.body, [&](const ElementView& child) -> Result<void> {
      if (child.id == kChapterTimeStart) chapter.start_ms = number_of(child.body) / 1'000'000;
      if (child.id != kChapterDisplay) return {};
      return for_each_child(child.body, [&](const ElementView& display) -> Result<void> {
        if (display.id == kChapterString) chapter.title = text_of(display);
        return {};
      });
    }));
    out_.info.chapters.push_back(std::move(chapter));
    return {};
  }

  Result<void> read_tags(ByteView body) {
    return for_each_child(body, [this](const ElementView& tag) -> Result<void> {
      if (tag.id != kTag) return {};
      return for_each_child(tag.body, [this](const ElementView& child) { return read_tag(child); });
    });
  }

  Result<void> read_tag(const ElementView& tag) {
    if (tag.id != kSimpleTag) return {};
    auto& [name, value] = out_.info.tags.emplace_back();
    return for_each_child(tag.body, [&](const ElementView& child) -> Result<void> {
      if (child.id == kTagName) name = text_of(child);
      if (child.id == kTagString) value = text_of(child);
      return {};
    });
  }

  Result<void> read_cue(const ElementView& point) {
    if (point.id != kCuePoint) return {};
    Cue cue;
    TRY(for_each_child(point.body, [&](const ElementView& child) -> Result<void> {
      if (child.id == kCueTime) cue.time_ms = number_of(child.body);
      if (child.id != kCueTrackPositions) return {};
      return for_each_child(child.body, [&](const ElementView& inner) -> Result<void> {
        if (inner.id == kCueClusterPosition) cue.position = number_of(inner.body);
        return {};
      });
    }));
    out_.cues.push_back(cue);
    return {};
  }

  MkvHead out_;
  std::size_t segment_data_ = 0;
  std::optional<std::uint64_t> attachments_;  // from the segment's data
};

}  // namespace

Result<MkvHead> parse_mkv_head(ByteView bytes) { return HeadReader().run(bytes); }

}  // namespace aircheck::media
