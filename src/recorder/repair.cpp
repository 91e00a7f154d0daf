#include "recorder/repair.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "base/log.hpp"
#include "capture/refetch.hpp"
#include "media/mkv_head.hpp"
#include "recorder/file_info.hpp"
#include "recorder/gap_fill.hpp"
#include "recorder/recorded_file.hpp"
#include "recorder/rewrite.hpp"

namespace aircheck::recorder {
namespace {

constexpr std::int64_t kAdjacent = 5;  // ms, by which rounding may move the bounds of files and gaps

std::size_t count_of(const Gap& gap) {
  return gap.segments ? static_cast<std::size_t>(gap.segments->last - gap.segments->first + 1) : 0;
}

Gap moved(Gap gap, std::int64_t by_ms) {
  gap.start_ms += by_ms;
  gap.end_ms += by_ms;
  return gap;
}

// The recording's clock at each file's zero: where the one before ends, and behind a gap that lies right there.
std::vector<std::int64_t> starts_of(const Job& job) {
  std::vector<std::int64_t> out;
  std::int64_t at = 0;
  for (const auto& file : job.recordings) {
    out.push_back(at);
    at += file.duration_ms;
    auto later = at;
    for (const auto& gap : job.gaps)
      if (std::abs(gap.start_ms - at) <= kAdjacent) later = std::max(later, gap.end_ms);
    at = later;
  }
  return out;
}

class Repair {
 public:
  Repair(net::Loop& loop, RecordingStore& store, const Job& job, RepairOptions options)
      : loop_(loop), store_(store), job_(job), options_(std::move(options)), starts_(starts_of(job)) {
    out_.recordings = job.recordings;
    for (const auto& gap : job.gaps) progress_.of_segments += count_of(gap);
  }

  Result<Repaired> run() {
    for (std::size_t i = 0; i < job_.recordings.size(); ++i) TRY(repair_file(i));
    for (const auto& gap : job_.gaps)
      if (!gap.segments || file_of(gap) == job_.recordings.size()) out_.gaps.push_back(gap);
    std::ranges::stable_sort(out_.gaps, {}, &Gap::start_ms);
    return std::move(out_);
  }

 private:
  // The file in which a gap lies: the last that begins before it.
  std::size_t file_of(const Gap& gap) const {
    std::size_t out = job_.recordings.size();
    for (std::size_t i = 0; i < starts_.size(); ++i)
      if (starts_[i] <= gap.start_ms) out = i;
    return out;
  }

  Result<void> repair_file(std::size_t index) {
    std::vector<Gap> gaps;  // on the file's clock
    for (const auto& gap : job_.gaps)
      if (gap.segments && file_of(gap) == index) gaps.push_back(moved(gap, -starts_[index]));
    if (gaps.empty()) return {};
    auto file = TRY(RecordedFile::open(store_, job_.recordings[index].key));
    const auto scratch = TRY(store_.scratch(job_.recordings[index].key));
    Changes changes;
    std::vector<Gap> left;
    spooled_.clear();
    for (const auto& gap : gaps) {
      if (hopeless_) {
        left.push_back(gap);
        continue;
      }
      auto filled = TRY(fill(file, *scratch, gap));
      note(gap, filled, index);
      changes.fresh.insert(changes.fresh.end(), filled.ranges.begin(), filled.ranges.end());
      changes.stale.insert(changes.stale.end(), filled.stale.begin(), filled.stale.end());
      left.insert(left.end(), filled.left.begin(), filled.left.end());
    }
    for (const auto& gap : left) out_.gaps.push_back(moved(gap, starts_[index]));
    if (left == gaps) return {};
    return make_anew(file, *scratch, changes, {.before = gaps, .after = left}, index);
  }

  Result<GapFilled> fill(RecordedFile& file, ScratchFile& scratch, const Gap& gap) {
    const GapFillOptions options{.loop = loop_,
                                 .refetch = [this]() -> auto& { return made(refetch_); },
                                 .another = [this]() -> auto& { return made(another_); },
                                 .on_segment =
                                     [this] {
                                       ++progress_.segments;
                                       tell();
                                     },
                                 .ended = [this] { return ended(); },
                                 .spooled = spooled_};
    tell();
    auto filled = TRY(GapFill(file, scratch, gap, options).run());
    if (!gap.segments->epoch || filled.hopeless) return filled;
    const auto holes = std::exchange(filled.left, {});
    for (const auto& hole : holes) {
      auto more = TRY(fill_by_another_way(file, scratch, hole, options));
      filled.ranges.insert(filled.ranges.end(), more.ranges.begin(), more.ranges.end());
      filled.left.insert(filled.left.end(), more.left.begin(), more.left.end());
      filled.hopeless |= more.hopeless;
    }
    if (filled.left.empty()) filled.error.reset();
    return filled;
  }

  capture::Refetch& made(std::unique_ptr<capture::Refetch>& refetch) {
    if (!refetch) refetch = std::make_unique<capture::Refetch>(loop_, options_.stream);
    return *refetch;
  }

  // What is not missing any more: the gap less what is left of it.
  void note(const Gap& gap, const GapFilled& filled, std::size_t index) {
    if (filled.error) {
      out_.error = filled.error;
      hopeless_ = filled.hopeless;
    }
    auto rest = gap;
    for (const auto& left : filled.left) {
      if (left.segments && left.segments->track != gap.segments->track)
        continue;  // its picture is there, its sound is not
      note_filled(rest, std::min(left.start_ms, gap.end_ms), index);
      rest.start_ms = left.end_ms;
    }
    note_filled(rest, gap.end_ms, index);
  }

  void note_filled(const Gap& rest, std::int64_t end_ms, std::size_t index) {
    if (end_ms <= rest.start_ms) return;
    Gap filled{rest.start_ms + starts_[index], end_ms + starts_[index], rest.reason};
    log::info("filled {} to {} ms ({}), missing because of: {}", filled.start_ms, filled.end_ms, rest.segments->track,
              filled.reason);
    out_.filled.push_back(std::move(filled));
  }

  struct Holes {
    const std::vector<Gap>&before, &after;
  };
  Result<void> make_anew(RecordedFile& file, ScratchFile& scratch, const Changes& changes, const Holes& holes,
                         std::size_t index) {
    auto& recording = out_.recordings[index];
    const auto& head = file.head();
    const auto replacement = TRY(store_.replace(recording.key, head.size));
    progress_.of_bytes = head.file_length;
    const auto made = TRY(rewrite(file, scratch, changes, *replacement, [this](std::uint64_t done) {
      progress_.bytes = done;
      tell();
      return !ended();
    }));
    auto info = head.info;
    info.duration = std::max(file.duration(), made.end);
    info.attachments = made.attachments;
    info.file_length = replacement->length();
    mend_file_info(info, holes.before, holes.after);
    TRY(replacement->commit(TRY(media::make_head(info, head.tracks, made.cues, head.size))));
    recording.bytes = replacement->length();
    recording.duration_ms = rounded_ms(*info.duration);
    progress_.bytes = progress_.of_bytes = 0;
    return {};
  }

  bool ended() const { return options_.ended && options_.ended(); }
  void tell() const {
    if (options_.on_progress) options_.on_progress(progress_);
  }

  net::Loop& loop_;
  RecordingStore& store_;
  const Job& job_;
  const RepairOptions options_;
  const std::vector<std::int64_t> starts_;
  std::unique_ptr<capture::Refetch> refetch_, another_;
  std::vector<Span> spooled_;
  RepairProgress progress_;
  bool hopeless_ = false;  // the origin cannot be asked
  Repaired out_;
};

}  // namespace

bool can_be_asked_for(const std::vector<Gap>& gaps) {
  return std::ranges::any_of(gaps, [](const auto& gap) { return gap.segments.has_value(); });
}

Result<Repaired> repair(net::Loop& loop, RecordingStore& recordings, const Job& job, RepairOptions options) {
  return Repair(loop, recordings, job, std::move(options)).run();
}

}  // namespace aircheck::recorder
