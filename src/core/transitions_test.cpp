#include "core/transitions.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/job_samples_testing.hpp"

namespace aircheck {
namespace {

using enum JobStatus;

class Transitions : public testing::Test {
 protected:
  Job claimed(std::string_view owner = "a") const {
    return aircheck::claim(test_job(1), {.owner = owner, .now = now, .lease = seconds{60}}).value();
  }
  Job recording_job() const {
    auto job = begin_recording(claimed(), "a", now).value();
    return aircheck::heartbeat(job, {.owner = "a", .now = now, .lease = seconds{60}, .bytes = 10}).value();
  }
  static void expect_conflict(const Result<Job>& job) {
    ASSERT_FALSE(job);
    EXPECT_EQ(job.error().kind, ErrorKind::conflict);
    EXPECT_FALSE(job.error().message.empty());
  }

  const Instant now = ManualClock().now();
};

TEST_F(Transitions, predecessors_are_what_is_legal) {
  for (int to = 0; to < 8; ++to) {
    const auto list = predecessors(static_cast<JobStatus>(to));
    for (int from = 0; from < 8; ++from)
      EXPECT_EQ(std::ranges::count(list, static_cast<JobStatus>(from)),
                is_legal(static_cast<JobStatus>(from), static_cast<JobStatus>(to)) ? 1 : 0);
  }
}

TEST_F(Transitions, the_usual_life_of_a_job) {
  auto job = recording_job();
  EXPECT_EQ(job.attempt, 1);
  EXPECT_EQ(job.fruitless_attempts, 0);
  job = begin_uploading(job, "a", now + seconds{5}).value();
  job = complete(job, "a", now + seconds{6}, {.complete = true, .ended_by = "broadcaster"}).value();
  EXPECT_EQ(job.status, completed);
  EXPECT_EQ(job.started_at, now);
  EXPECT_EQ(job.uploading_at, now + seconds{5});
  EXPECT_EQ(job.completed_at, now + seconds{6});
  EXPECT_EQ(job.expires_at, std::chrono::floor<seconds>(now + seconds{6} + kJobTtl).time_since_epoch().count());
  EXPECT_TRUE(job.lease_owner.empty());
  EXPECT_TRUE(job.verdict->complete);
}

TEST_F(Transitions, a_lease_is_taken_over_only_when_it_has_ended) {
  const auto job = recording_job();
  expect_conflict(aircheck::claim(job, {.owner = "b", .now = now + milliseconds{59'999}, .lease = seconds{60}}));
  const auto taken = aircheck::claim(job, {.owner = "b", .now = now + seconds{60}, .lease = seconds{60}});
  ASSERT_TRUE(taken) << taken.error().message;
  EXPECT_EQ(taken->status, recording);
  EXPECT_EQ(taken->attempt, 2);
  expect_conflict(aircheck::heartbeat(*taken, {.owner = "a", .now = now + seconds{61}, .lease = seconds{60}}));
  // Its own recorder may be late, as long as nobody was faster.
  EXPECT_TRUE(aircheck::heartbeat(job, {.owner = "a", .now = now + seconds{500}, .lease = seconds{60}}));
}

TEST_F(Transitions, a_successor_begins_in_any_active_state) {
  auto job = begin_uploading(recording_job(), "a", now).value();
  EXPECT_EQ(begin_recording(job, "a", now)->status, uploading);
  EXPECT_EQ(begin_uploading(job, "a", now)->status, uploading);
  expect_conflict(begin_uploading(claimed(), "a", now));
  expect_conflict(complete(recording_job(), "a", now, {}));
}

TEST_F(Transitions, a_failed_launch_leaves_no_trace_but_the_attempt) {
  const auto job = release(claimed(), "a", now).value();
  EXPECT_EQ(job.status, pending);
  EXPECT_FALSE(job.started_at || job.lease_expires_at);
  EXPECT_EQ(job.attempt, 1);
  EXPECT_EQ(job.fruitless_attempts, 1);
  expect_conflict(release(claimed(), "b", now));
  const auto resumed = release(recording_job(), "a", now).value();
  EXPECT_EQ(resumed.status, recording);
  EXPECT_FALSE(is_held(resumed, now));
}

TEST_F(Transitions, a_job_that_waits_has_no_owner_and_starts_counting_anew) {
  const auto job = wait_until(claimed(), "a", now, now + seconds{90}).value();
  EXPECT_EQ(job.status, waiting);
  EXPECT_EQ(job.fruitless_attempts, 0);
  EXPECT_TRUE(job.lease_owner.empty());
  expect_conflict(wake(job, now + seconds{89}));
  EXPECT_EQ(wake(job, now + seconds{90})->status, pending);
  expect_conflict(wait_until(recording_job(), "a", now, now));
}

TEST_F(Transitions, wishes_take_effect_at_once_where_no_recorder_is) {
  EXPECT_EQ(request_cancel(test_job(1), now)->status, cancelled);
  EXPECT_EQ(request_stop(test_job(1), now)->status, cancelled);
  EXPECT_EQ(request_stop(wait_until(claimed(), "a", now, now).value(), now)->status, cancelled);
  EXPECT_EQ(request_cancel(recording_job(), now)->status, recording);
  EXPECT_EQ(request_cancel(recording_job(), now + seconds{60})->status, cancelled);
}

TEST_F(Transitions, a_stop_keeps_what_is_recorded) {
  const auto job = request_stop(recording_job(), now + seconds{60}).value();
  EXPECT_EQ(job.status, recording);
  EXPECT_EQ(job.stop_requested, StopRequest::stop);
  expect_conflict(heed_wish(job, now + seconds{60}));  // a recorder must finish the file
}

TEST_F(Transitions, a_cancel_is_not_taken_back_by_a_stop) {
  const auto job = request_cancel(recording_job(), now).value();
  EXPECT_EQ(request_stop(job, now)->stop_requested, StopRequest::cancel);
  EXPECT_EQ(request_cancel(request_stop(recording_job(), now).value(), now)->stop_requested, StopRequest::cancel);
}

TEST_F(Transitions, a_wish_during_a_launch_that_fails_or_waits_is_not_forgotten) {
  const auto job = request_stop(claimed(), now).value();
  EXPECT_EQ(job.status, started);
  EXPECT_EQ(release(job, "a", now)->status, cancelled);
  EXPECT_EQ(wait_until(job, "a", now, now + seconds{90})->status, cancelled);
}

TEST_F(Transitions, what_has_ended_is_not_ended_again) {
  const auto job = fail_job(claimed(), "a", now, {ErrorKind::private_video, "private"}).value();
  expect_conflict(request_stop(job, now));
  expect_conflict(request_cancel(job, now));
  expect_conflict(fail_job(job, {}, now, {}));
  expect_conflict(aircheck::claim(job, {.owner = "b", .now = now + seconds{999}, .lease = seconds{60}}));
  expect_conflict(fail_job(claimed(), {}, now, {}));  // a recorder holds it
}

TEST_F(Transitions, a_retry_begins_anew_but_keeps_the_files) {
  auto job = recording_job();
  job.recordings = {{.key = "a.mkv", .bytes = 10}};
  job = fail_job(job, "a", now, {ErrorKind::bot_check, "blocked"}).value();
  job = retry(job, now).value();
  EXPECT_EQ(job.status, pending);
  EXPECT_FALSE(job.error || job.expires_at || job.completed_at || job.started_at || job.recording_at);
  EXPECT_EQ(job.bytes, 10U);
  EXPECT_EQ(job.recordings.size(), 1U);
  EXPECT_EQ(job.created_at, test_job(1).created_at);
  auto discarded = aircheck::cancelled(recording_job(), "a", now).value();
  EXPECT_EQ(retry(discarded, now)->bytes, 0U);
  expect_conflict(retry(test_job(1), now));
}

TEST_F(Transitions, a_repair_fills_the_holes_of_what_is_completed) {
  auto job = recording_job();
  job.gaps = {{1'000, 2'000, "404"}, {5'000, 6'000, "404"}};
  const Repair some{.before = job.gaps, .after = {job.gaps[1]}, .recordings = {{"a.mkv", 20, 7'000}, {"b.mkv", 1, 3}}};
  expect_conflict(repaired(job, some));  // it is still recorded
  job = begin_uploading(std::move(job), "a", now).value();
  job = complete(std::move(job), "a", now, {.complete = false, .ended_by = "user"}).value();
  job = repaired(std::move(job), some).value();
  EXPECT_EQ(job.gaps, some.after);
  EXPECT_FALSE(job.verdict->complete);
  EXPECT_EQ(job.bytes, 21U);
  EXPECT_EQ(job.media_ms, 7'003);
  EXPECT_TRUE(is_legal(job.status, job.status));
  expect_conflict(repaired(job, some));  // of holes that it has no more
  job = repaired(job, {.before = job.gaps, .after = {}, .recordings = job.recordings}).value();
  EXPECT_TRUE(job.verdict->complete);
  EXPECT_EQ(job.verdict->ended_by, "user");
}

}  // namespace
}  // namespace aircheck
