#pragma once
// Jobs for tests.

#include <cstdint>
#include <string>

#include "core/memory.hpp"

namespace aircheck {

/// A UUID whose last digits are `number`: sorts as the number does.
inline std::string test_id(std::uint64_t number) {
  const auto digits = std::to_string(number);
  return "0190f3e2-0000-7000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

/// A job in the state it is submitted in, created `number` seconds after the epoch of the tests.
inline Job test_job(std::uint64_t number) {
  Job job;
  job.id = test_id(number);
  job.url = "https://www.youtube.com/watch?v=abcdefghijk";
  job.video_id = "abcdefghijk";
  job.created_at = ManualClock().now() + seconds(number);
  return job;
}

/// A job in which nothing has its default value.
inline Job full_job(std::uint64_t number) {
  auto job = test_job(number);
  const auto time = *job.created_at;
  job.title = "Título \"quoted\" \\ \n 日本語";
  job.channel = "Channel";
  job.thumbnail_url = "https://i.ytimg.com/vi/abcdefghijk/hq.jpg";
  job.status = JobStatus::recording;
  job.quality = "720";
  job.quality_got = "1280x720@60 h264+aac";
  job.from_start = true;
  job.from_ms = 3'600'000;
  job.started_at = time + seconds{1};
  job.recording_at = time + seconds{2};
  job.uploading_at = time + seconds{3};
  job.completed_at = time + seconds{4};
  job.heartbeat_at = time + milliseconds{5'001};
  job.bytes = 18'000'000'000'000'000'000U;
  job.media_ms = 123'456'789'012;
  job.lag_ms = -5;
  job.gaps = {{.start_ms = 1, .end_ms = 2, .reason = "404"}, {.start_ms = 3, .end_ms = 4, .reason = "disk full"}};
  job.gaps[1].segments = MissingSegments{.track = "video", .format_id = "137", .epoch = 2, .first = 5, .last = 6};
  job.attempt = 3;
  job.fruitless_attempts = 2;
  job.lease_owner = "owner";
  job.lease_expires_at = time + seconds{60};
  job.not_before = time + seconds{90};
  job.stop_requested = StopRequest::stop;
  job.recordings = {{.key = "recordings/a.mkv", .bytes = 7, .duration_ms = 8}};
  job.verdict = Verdict{.complete = false, .ended_by = "user"};
  job.cost =
      Cost{.task_ms = 9, .requests = 10, .task_microusd = 11, .requests_microusd = 12, .storage_microusd_month = 13};
  job.error = Error{ErrorKind::bot_check, "blocked"};
  job.expires_at = 1'800'000'000;
  return job;
}

}  // namespace aircheck
