#include "recorder/file_info.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "base/text.hpp"

namespace aircheck::recorder {
namespace {

constexpr std::string_view kProgram = "aircheck " AIRCHECK_VERSION;
constexpr std::string_view kIsMissing = "missing: ", kGoesOn = "goes on", kStart = "start", kMissingTag = "MISSING",
                           kEncoderTag = "ENCODER";
constexpr std::size_t kLongestTag = 1'024, kLongestLosses = 4'096;  // bytes; a quarter of the smallest head takes them

// As Matroska writes dates in tags, UTC.
std::string date_of(Instant time) {
  auto date = to_rfc3339(time).substr(0, 19);  // whole seconds
  std::ranges::replace(date, 'T', ' ');
  return date;
}

std::string clock_of(std::int64_t ms) {
  return fmt::format("{:02}:{:02}:{:02}.{:03}", ms / 3'600'000, ms / 60'000 % 60, ms / 1'000 % 60, ms % 1'000);
}

// The gaps that touch the present file, on its clock.
std::vector<Gap> gaps_in_file(const JournalState& state) {
  const auto start = rounded_ms(state.file->start), end = start + rounded_ms(state.end);
  std::vector<Gap> out;
  for (const auto& gap : state.gaps) {
    if (gap.end_ms < start || gap.start_ms > end) continue;
    out.push_back({std::max(gap.start_ms - start, std::int64_t{0}), gap.end_ms - start, gap.reason, gap.segments});
  }
  return out;
}

// "00:01:10.000-00:01:12.000 404; …": as many as there is room for, and how many more.
std::string losses(const std::vector<Gap>& gaps) {
  std::string out;
  for (std::size_t i = 0; i < gaps.size(); ++i) {
    const auto line = fmt::format("{}{}-{} {}", i == 0 ? "" : "; ", clock_of(gaps[i].start_ms),
                                  clock_of(gaps[i].end_ms), cut_text(gaps[i].reason, 200));
    if (out.size() + line.size() > kLongestLosses) return out + fmt::format("; and {} more", gaps.size() - i);
    out += line;
  }
  return out;
}

// Names as the list of official tags has them, where it has one.
std::vector<std::pair<std::string, std::string>> tags_of(const FileLine& file, const About& about) {
  std::vector<std::pair<std::string, std::string>> out;
  const auto add = [&out](const char* name, std::string_view value) {
    if (!value.empty()) out.emplace_back(name, cut_text(value, kLongestTag));
  };
  add("TITLE", about.title);
  add("ARTIST", about.channel);
  add("PURL", about.url);
  if (about.broadcast_at) add("DATE_RELEASED", date_of(*about.broadcast_at));
  if (file.begun_at != Instant{}) add("DATE_RECORDED", date_of(file.begun_at));
  add("VIDEO_ID", about.video_id);
  add(kEncoderTag.data(), kProgram);
  return out;
}

}  // namespace

media::HeadInfo growing_file_info(const FileLine& file, const About& about) {
  media::HeadInfo out;
  out.writing_app = kProgram;
  out.title = cut_text(about.title, kLongestTag);
  out.uid = file.uid;
  if (file.begun_at != Instant{}) out.date = file.begun_at;
  out.tags = tags_of(file, about);
  return out;
}

media::HeadInfo finished_file_info(const JournalState& state, std::uint64_t length) {
  auto out = growing_file_info(*state.file, state.about);
  out.duration = state.end;
  out.chapters = chapters_of(state);
  out.attachments = state.attachments;
  out.file_length = length;
  if (const auto gaps = gaps_in_file(state); !gaps.empty()) out.tags.emplace_back(kMissingTag, losses(gaps));
  return out;
}

std::vector<media::Chapter> chapters_of(const JournalState& state) {
  const auto start = rounded_ms(state.file->start), end = start + rounded_ms(state.end);
  std::map<std::int64_t, std::string> titles;  // by recording time
  std::string first(kStart);
  for (std::size_t i = 0; i < state.titles.size() && state.titles.size() > 1; ++i) {
    const auto& [at, title] = state.titles[i];
    if (rounded_ms(at) <= start) first = title;
    else titles[rounded_ms(at)] = title;
  }
  for (const auto& gap : state.gaps) {
    titles.try_emplace(gap.end_ms, kGoesOn);
    titles[gap.start_ms] = std::string(kIsMissing) + gap.reason;
  }
  for (const auto seam : state.seams) titles[rounded_ms(seam)] = "the broadcaster's encoder began anew";
  std::vector<media::Chapter> out;
  for (const auto& [time, title] : titles) {
    if (time < start || time > end) continue;
    if (out.empty() && time > start) out.push_back({0, first});
    out.push_back({static_cast<std::uint64_t>(time - start), title});
  }
  return out;
}

void mend_file_info(media::HeadInfo& info, std::span<const Gap> before, std::span<const Gap> after) {
  std::map<std::int64_t, std::string> titles;
  for (auto& chapter : info.chapters) titles[static_cast<std::int64_t>(chapter.start_ms)] = std::move(chapter.title);
  for (const auto& gap : before)
    std::erase_if(titles, [&gap](const auto& chapter) {
      const auto& [time, title] = chapter;
      return (time == gap.start_ms && title.starts_with(kIsMissing)) || (time == gap.end_ms && title == kGoesOn);
    });
  for (const auto& gap : after) {
    if (gap.end_ms >= 0) titles.try_emplace(gap.end_ms, kGoesOn);
    if (gap.start_ms >= 0) titles[gap.start_ms] = std::string(kIsMissing) + gap.reason;
  }
  const auto end = rounded_ms(info.duration.value_or(nanoseconds{0}));
  std::erase_if(titles, [end](const auto& chapter) { return chapter.first > end; });
  if (titles.size() == 1 && titles.begin()->second == kStart) titles.clear();
  if (!titles.empty()) titles.try_emplace(0, kStart);
  info.chapters.clear();
  for (const auto& [time, title] : titles) info.chapters.push_back({static_cast<std::uint64_t>(time), title});
  std::erase_if(info.tags, [](const auto& tag) { return tag.first == kMissingTag; });
  for (auto& [name, value] : info.tags)
    if (name == kEncoderTag) value = kProgram;
  if (!after.empty()) info.tags.emplace_back(kMissingTag, losses({after.begin(), after.end()}));
  info.writing_app = kProgram;
}

}  // namespace aircheck::recorder
