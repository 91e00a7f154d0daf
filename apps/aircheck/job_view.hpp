#pragma once
// Jobs as people read them on a terminal. Pure: the time is handed in.

#include <cstddef>
#include <span>
#include <string>

#include "aircheck/terminal.hpp"
#include "core/job.hpp"

namespace aircheck::apps {

struct View {
  std::size_t width = 80;
  bool colours = false;
  Instant now;
};

/// As much of an id as tables show; enough to name a job with: the whole time in it.
std::string short_id(std::string_view id);
/// What is known of the stream: title, else video id, else URL.
std::string job_name(const Job& job);
Style style_of(JobStatus status);

/// One line a job under a heading; a sentence when there are none.
std::string job_table(std::span<const Job> jobs, const View& view);
/// Everything about one job, a line for each thing that is known.
std::string job_details(const Job& job, const View& view);
/// One line: state, time, size, bitrate, lag, gaps, what hinders it. For following one job.
std::string job_line(const Job& job, const View& view);

}  // namespace aircheck::apps
