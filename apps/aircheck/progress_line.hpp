#pragma once
// One line of progress on standard error: redrawn in place on a terminal, elsewhere a plain line every ten seconds and
// whenever the state changes. Not thread-safe; one per process.

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace aircheck::apps {

inline constexpr seconds kPlainInterval{10};  // between two lines where there is no terminal

struct ProgressReport {
  milliseconds media_time{0};  // recorded
  std::uint64_t bytes = 0;
  milliseconds lag{0};  // behind the live edge
  std::size_t gaps = 0;
  std::string state;  // "recording", "waiting for the disk", …
};

/// The line's text, at most `width` columns. `bitrate` as text; empty when none is known yet.
std::string format_progress(const ProgressReport& report, std::string_view bitrate, std::size_t width);

class ProgressLine {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Writes to standard error.
  ProgressLine();
  ProgressLine(std::FILE* out, bool terminal);

  void show(const ProgressReport& report) { show(report, std::chrono::steady_clock::now()); }
  void show(const ProgressReport& report, Time now);
  /// Leaves the line as it stands and goes to the next, so that other text can follow. Fine to call again.
  void finish();

 private:
  const std::string& bitrate(const ProgressReport& report);
  void redraw(const std::string& text);

  std::FILE* out_;
  bool terminal_;
  bool drawn_ = false;
  std::string last_state_;
  Time printed_at_{};
  std::uint64_t sampled_bytes_ = 0;
  milliseconds sampled_media_{0};
  std::string bitrate_;
};

}  // namespace aircheck::apps
