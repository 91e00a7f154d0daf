#include "aircheck/job_view.hpp"

#include <fmt/core.h>

#include "aircheck/human.hpp"
#include "aircheck/table.hpp"

namespace aircheck::apps {
namespace {

std::string bitrate_of(const Job& job) {
  return job.bytes == 0 ? std::string{} : human_bitrate(job.bytes, milliseconds{job.media_ms});
}

std::string age_of(const std::optional<Instant>& time, Instant now) {
  return time ? human_age(now - *time) : std::string{};
}

// What a reader of a list wants to know beside the state.
std::string note_of(const Job& job, Instant now) {
  if (job.status == JobStatus::waiting && job.not_before) return "begins in " + human_span(*job.not_before - now);
  if (job.error) return job.error->message;
  if (!is_terminal(job.status) && job.stop_requested != StopRequest::none)
    return job.stop_requested == StopRequest::stop ? "stopping" : "cancelling";
  if (!job.gaps.empty()) return fmt::format("{} gap{}", job.gaps.size(), job.gaps.size() == 1 ? "" : "s");
  return {};
}

Style note_style(const Job& job) { return job.error || !job.gaps.empty() ? Style::yellow : Style::dim; }

class Details {
 public:
  explicit Details(bool colours) : colours_(colours) {}

  void add(std::string_view name, std::string_view value, Style style = Style::plain) {
    if (value.empty()) return;
    text_ +=
        styled(fmt::format("{:<11}", name), Style::dim, colours_) + styled(printable(value), style, colours_) + "\n";
  }
  void add(std::string_view name, const std::optional<Instant>& time, Instant now) {
    if (time) add(name, fmt::format("{} ({})", to_rfc3339(*time), human_age(now - *time)));
  }
  std::string take() { return std::move(text_); }

 private:
  bool colours_;
  std::string text_;
};

std::string verdict_of(const Job& job) {
  if (!job.verdict) return {};
  return fmt::format("{}; ended by the {}", job.verdict->complete ? "complete" : "kept, but with holes",
                     job.verdict->ended_by);
}

std::string cost_of(const Job& job) {
  if (!job.cost) return {};
  const auto dollars = [](std::int64_t micro) { return fmt::format("${:.4f}", static_cast<double>(micro) / 1e6); };
  auto text = "about " + dollars(job.cost->task_microusd + job.cost->requests_microusd);
  if (job.cost->task_microusd > 0)
    text += fmt::format(" ({} for the task, {} for requests)", dollars(job.cost->task_microusd),
                        dollars(job.cost->requests_microusd));
  return text + fmt::format(", and {} for each month it is kept", dollars(job.cost->storage_microusd_month));
}

std::string recorded(const Job& job) {
  if (job.bytes == 0) return {};
  return fmt::format("{}, {}, {}", human_duration(milliseconds{job.media_ms}), human_size(job.bytes), bitrate_of(job));
}

// "00:01:01 to 00:01:05: 404 (video segments 5 to 6)"
std::string gap_text(const Gap& gap) {
  auto text = fmt::format("{} to {}: {}", human_duration(milliseconds{gap.start_ms}),
                          human_duration(milliseconds{gap.end_ms}), gap.reason);
  if (!gap.segments) return text;
  const auto first = gap.segments->first, last = gap.segments->last;
  const auto kind = gap.segments->track == "muxed" ? std::string{} : gap.segments->track + " ";
  return text + (first == last ? fmt::format(" ({}segment {})", kind, first)
                               : fmt::format(" ({}segments {} to {})", kind, first, last));
}

void add_progress(Details& details, const Job& job, Instant now) {
  details.add("recorded", recorded(job));
  if (is_active(job.status)) details.add("lag", human_span(milliseconds{job.lag_ms}));
  if (job.attempt > 1) details.add("attempts", std::to_string(job.attempt));
  if (job.status == JobStatus::waiting && job.not_before)
    details.add("begins", fmt::format("{} (in {})", to_rfc3339(*job.not_before), human_span(*job.not_before - now)));
  if (is_active(job.status)) details.add("heartbeat", age_of(job.heartbeat_at, now));
  if (!is_terminal(job.status) && job.stop_requested != StopRequest::none)
    details.add("asked to", to_string(job.stop_requested));
  for (const auto& file : job.recordings)
    details.add("file", fmt::format("{} ({}, {})", file.key, human_duration(milliseconds{file.duration_ms}),
                                    human_size(file.bytes)));
  for (const auto& gap : job.gaps) details.add("missing", gap_text(gap), Style::yellow);
}

}  // namespace

// A UUIDv7 begins with its time in milliseconds: "0190f3e2-1a2b".
std::string short_id(std::string_view id) { return std::string(id.substr(0, 13)); }

std::string job_name(const Job& job) {
  return !job.title.empty() ? job.title : !job.video_id.empty() ? job.video_id : job.url;
}

Style style_of(JobStatus status) {
  switch (status) {
    case JobStatus::recording:
    case JobStatus::uploading: return Style::red;
    case JobStatus::completed: return Style::green;
    case JobStatus::failed: return Style::yellow;
    case JobStatus::started:
    case JobStatus::waiting: return Style::blue;
    case JobStatus::pending:
    case JobStatus::cancelled: return Style::dim;
  }
  return Style::plain;
}

std::string job_table(std::span<const Job> jobs, const View& view) {
  if (jobs.empty()) return "no jobs\n";
  Table table(
      {{"ID"}, {"STATUS"}, {"TIME", true}, {"SIZE", true}, {"AGE"}, {"TITLE", false, true}, {"NOTE", false, true}});
  for (const auto& job : jobs)
    table.add({{short_id(job.id)},
               {std::string(to_string(job.status)), style_of(job.status)},
               {job.bytes == 0 ? "" : human_duration(milliseconds{job.media_ms})},
               {job.bytes == 0 ? "" : human_size(job.bytes)},
               {age_of(job.created_at, view.now), Style::dim},
               {job_name(job)},
               {note_of(job, view.now), note_style(job)}});
  return table.render(view.width, view.colours);
}

std::string job_details(const Job& job, const View& view) {
  Details details(view.colours);
  details.add("id", job.id);
  details.add("status", to_string(job.status), style_of(job.status));
  details.add("title", job.title, Style::bold);
  details.add("channel", job.channel);
  details.add("url", job.url);
  details.add("quality",
              job.quality_got.empty() ? job.quality : fmt::format("{} (asked: {})", job.quality_got, job.quality));
  details.add("created", job.created_at, view.now);
  details.add("recording", job.recording_at, view.now);
  details.add("completed", job.completed_at, view.now);
  add_progress(details, job, view.now);
  details.add("verdict", verdict_of(job), job.verdict && job.verdict->complete ? Style::green : Style::yellow);
  details.add("cost", cost_of(job));
  if (job.error)
    details.add("error", fmt::format("{}: {}", to_string(job.error->kind), job.error->message), Style::yellow);
  return details.take();
}

std::string job_line(const Job& job, const View& view) {
  std::string line = fmt::format("{:<9}", to_string(job.status));
  const auto state = styled(line, style_of(job.status), view.colours);
  std::string rest;
  if (job.bytes != 0)
    rest += fmt::format("  {:>8}  {:>7}  {:>9}", human_duration(milliseconds{job.media_ms}), human_size(job.bytes),
                        bitrate_of(job));
  if (is_active(job.status) && job.bytes != 0) rest += fmt::format("  lag {:>6}", human_span(milliseconds{job.lag_ms}));
  if (const auto note = note_of(job, view.now); !note.empty()) rest += "  " + note;
  rest += "  " + job_name(job);
  return state + shorten(printable(rest), view.width - std::min(view.width, line.size()));
}

}  // namespace aircheck::apps
