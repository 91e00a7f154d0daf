#include "aircheck/job_view.hpp"

#include <gmock/gmock.h>

#include <sstream>

namespace aircheck::apps {
namespace {

using testing::HasSubstr;
using testing::Not;

const Instant kNow = *from_rfc3339("2026-11-23T09:00:00Z");

Job recording() {
  return {.id = "019abc12-3456-7def-8000-000000000001",
          .url = "https://www.youtube.com/watch?v=jfKfPfyJRdk",
          .title = "A stream",
          .status = JobStatus::recording,
          .created_at = kNow - std::chrono::minutes{10},
          .bytes = 510'000'000,
          .media_ms = 754'000,
          .lag_ms = 4'200};
}

TEST(JobTable, OneLineAJob) {
  EXPECT_EQ(job_table(std::vector{recording()}, {.width = 100, .now = kNow}),
            "ID             STATUS      TIME    SIZE  AGE         TITLE\n"
            "019abc12-3456  RECORDING  12:34  510 MB  10 min ago  A stream\n");
}

TEST(JobTable, SaysThatThereAreNone) { EXPECT_EQ(job_table({}, {}), "no jobs\n"); }

TEST(JobTable, FitsTheTerminal) {
  auto job = recording();
  job.title = std::string(300, 'x');
  job.error =
      Error{ErrorKind::bot_check, "YouTube wants to know whether this address is a bot; use --proxy or --cookies"};
  std::istringstream lines(job_table(std::vector{job, recording()}, {.width = 80, .now = kNow}));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(display_width(line), 80u) << line;
}

TEST(JobName, FallsBack) {
  EXPECT_EQ(job_name({.url = "u", .video_id = "v", .title = "t"}), "t");
  EXPECT_EQ(job_name({.url = "u", .video_id = "v"}), "v");
  EXPECT_EQ(job_name({.url = "u"}), "u");
}

TEST(JobDetails, SayWhatIsMissingAndWhy) {
  auto job = recording();
  job.status = JobStatus::completed;
  job.gaps = {{61'000, 65'000, "404"}, {70'000, 71'000, "204"}};
  job.gaps[1].segments = MissingSegments{.track = "audio", .first = 70, .last = 71};
  job.verdict = Verdict{false, "broadcaster"};
  job.recordings = {{"recordings/2026/11/a.mkv", 510'000'000, 754'000}};
  const auto text = job_details(job, {.now = kNow});
  EXPECT_THAT(text, HasSubstr("missing    1:01 to 1:05: 404\n"));
  EXPECT_THAT(text, HasSubstr("1:10 to 1:11: 204 (audio segments 70 to 71)\n"));
  EXPECT_THAT(text, HasSubstr("kept, but with holes; ended by the broadcaster"));
  EXPECT_THAT(text, HasSubstr("recordings/2026/11/a.mkv (12:34, 510 MB)"));
  EXPECT_THAT(text, Not(HasSubstr("lag")));
}

TEST(JobDetails, TellTheCost) {
  auto job = recording();
  EXPECT_THAT(job_details(job, {.now = kNow}), Not(HasSubstr("cost")));
  job.cost = Cost{.task_microusd = 12'300, .requests_microusd = 400, .storage_microusd_month = 210'000};
  EXPECT_THAT(job_details(job, {.now = kNow}),
              HasSubstr("about $0.0127 ($0.0123 for the task, $0.0004 for requests), and $0.2100 for each month"));
  job.cost->task_microusd = 0;
  EXPECT_THAT(job_details(job, {.now = kNow}), HasSubstr("about $0.0004, and $0.2100 for each month"));
}

TEST(JobDetails, TitlesCannotSteerTheTerminal) {
  auto job = recording();
  job.title = "\x1b]0;evil\x07";
  EXPECT_THAT(job_details(job, {.now = kNow}), Not(HasSubstr("\x1b")));
}

TEST(JobLine, FitsTheWidth) {
  const auto line = job_line(recording(), {.width = 60, .now = kNow});
  EXPECT_LE(display_width(line), 60u);
  EXPECT_THAT(line, HasSubstr("RECORDING"));
  EXPECT_THAT(line, HasSubstr("5.41 Mb/s"));
}

TEST(JobLine, TellsWhenAScheduledStreamBegins) {
  Job job{.title = "Later", .status = JobStatus::waiting, .not_before = kNow + std::chrono::minutes{30}};
  EXPECT_THAT(job_line(job, {.now = kNow}), HasSubstr("begins in 30 min"));
}

}  // namespace
}  // namespace aircheck::apps
