#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "recorder/gap_fill.hpp"

namespace aircheck::recorder {
namespace {

// In a transport stream the sound lags behind the picture: what a segment lacks at its end is in the next one.
constexpr nanoseconds kStraddles = seconds{1};

const media::Track* track_of(const RecordedFile& file, media::TrackKind kind) {
  const auto& tracks = file.head().tracks;
  const auto found = std::ranges::find(tracks, kind, &media::Track::kind);
  return found == tracks.end() ? nullptr : &*found;
}

// The parts of a hole that are not missing any more, by the segments' numbers.
std::vector<Gap> filled_parts(const Gap& gap, const std::vector<Gap>& left) {
  std::vector<Gap> out;
  auto rest = gap;
  const auto cut = [&](std::int64_t end_ms, std::uint64_t end) {
    if (end <= rest.segments->first) return;
    out.push_back(rest);
    out.back().end_ms = end_ms;
    out.back().segments->last = end - 1;
  };
  for (const auto& hole : left) {
    cut(hole.start_ms, hole.segments->first);
    rest.start_ms = hole.end_ms;
    rest.segments->first = hole.segments->last + 1;
  }
  cut(gap.end_ms, gap.segments->last + 1);
  return out;
}

class AnotherWay {
 public:
  AnotherWay(RecordedFile& file, ScratchFile& scratch, const GapFillOptions& options)
      : file_(file), scratch_(scratch), options_(options) {
    options_.on_segment = [] {};  // counted already
  }

  Result<GapFilled> run(const Gap& gap) {
    const auto *const picture = track_of(file_, media::TrackKind::video), *const sound =
                                                                              track_of(file_, media::TrackKind::audio);
    log::info("asking for segments {} to {} by another way", gap.segments->first, gap.segments->last);
    if (gap.segments->track == "audio" || !picture)
      return sound ? fill(gap, {.like = *sound, .before = kStraddles, .after = kStraddles}) : nothing(gap);
    // The picture fills the hole and no more, for it can be decoded from a key frame on only.
    auto out = TRY(fill(gap, {.like = *picture}));
    if (gap.segments->track != "muxed" || !sound) return out;
    for (auto part : filled_parts(gap, out.left)) {
      part.segments->track = "audio";  // all that is missing of it now
      auto more = TRY(fill(part, {.like = *sound,
                                  .offset = out.offset,
                                  .before = part.start_ms == gap.start_ms ? kStraddles : nanoseconds{0},
                                  .after = part.end_ms == gap.end_ms ? kStraddles : nanoseconds{0}}));
      out.ranges.insert(out.ranges.end(), more.ranges.begin(), more.ranges.end());
      out.left.insert(out.left.end(), more.left.begin(), more.left.end());
      out.hopeless |= more.hopeless;
    }
    std::ranges::stable_sort(out.left, {}, &Gap::start_ms);
    return out;
  }

 private:
  static GapFilled nothing(const Gap& gap) {
    return {.ranges = {}, .stale = {}, .left = {gap}, .error = {}, .offset = {}};
  }

  Result<GapFilled> fill(const Gap& gap, GapFillOptions::AnotherWay way) {
    options_.another_way = std::move(way);
    return GapFill(file_, scratch_, gap, options_).run();
  }

  RecordedFile& file_;
  ScratchFile& scratch_;
  GapFillOptions options_;
};

}  // namespace

Result<GapFilled> fill_by_another_way(RecordedFile& file, ScratchFile& scratch, const Gap& gap,
                                      const GapFillOptions& options) {
  return AnotherWay(file, scratch, options).run(gap);
}

}  // namespace aircheck::recorder
