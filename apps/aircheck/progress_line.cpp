#include "aircheck/progress_line.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <utility>

#include "aircheck/human.hpp"
#include "aircheck/terminal.hpp"

namespace aircheck::apps {
namespace {

constexpr milliseconds kBitrateSpan{5'000};  // of media: shorter ones jump with every segment

}  // namespace

std::string format_progress(const ProgressReport& report, std::string_view bitrate, std::size_t width) {
  auto line = fmt::format("{:>8}  {:>7}", human_duration(report.media_time), human_size(report.bytes));
  if (!bitrate.empty()) line += fmt::format("  {:>9}", bitrate);
  line += fmt::format("  lag {:>6}", human_span(report.lag));
  if (report.gaps != 0) line += fmt::format("  {} gap{}", report.gaps, report.gaps == 1 ? "" : "s");
  return shorten(line + "  " + printable(report.state), width);
}

ProgressLine::ProgressLine() : ProgressLine(stderr, is_terminal(STDERR_FILENO)) {}

ProgressLine::ProgressLine(std::FILE* out, bool terminal) : out_(out), terminal_(terminal) {}

void ProgressLine::show(const ProgressReport& report, Time now) {
  const auto& rate = bitrate(report);
  // The last column stays free: some terminals break the line when it is filled.
  if (terminal_) return redraw(format_progress(report, rate, terminal_width(::fileno(out_)) - 1));
  if (report.state == last_state_ && now - printed_at_ < kPlainInterval) return;
  last_state_ = report.state;
  printed_at_ = now;
  fmt::print(out_, "{}\n", format_progress(report, rate, 1000));
  std::fflush(out_);
}

void ProgressLine::finish() {
  if (std::exchange(drawn_, false)) fmt::print(out_, "\n");
  std::fflush(out_);
}

// Of the stream, over the media that came since the last sample.
const std::string& ProgressLine::bitrate(const ProgressReport& report) {
  const auto span = report.media_time - sampled_media_;
  if (span < kBitrateSpan && !bitrate_.empty() && span >= milliseconds{0}) return bitrate_;
  const auto bytes = report.bytes >= sampled_bytes_ ? report.bytes - sampled_bytes_ : 0;
  bitrate_ = human_bitrate(bytes, span);
  sampled_bytes_ = report.bytes;
  sampled_media_ = report.media_time;
  return bitrate_;
}

void ProgressLine::redraw(const std::string& text) {
  fmt::print(out_, "\r{}\x1b[K", text);
  std::fflush(out_);
  drawn_ = true;
}

}  // namespace aircheck::apps
