#include "dispatch/reconciler.hpp"

#include <gtest/gtest.h>

#include "core/names.hpp"
#include "dispatch/fakes_testing.hpp"

namespace aircheck::dispatch {
namespace {

class ReconcilerTest : public testing::Test {
 protected:
  Reconciler::Step step() {
    auto reconciler = world_.reconciler();
    const auto done = reconciler.step();
    EXPECT_TRUE(done) << done.error().message;
    return done.value_or(Reconciler::Step{});
  }
  void dispatch() {
    auto dispatcher = world_.dispatcher();
    ASSERT_TRUE(dispatcher.step());
  }
  // A job with a recorder that has something on disk.
  void record(std::uint64_t number) {
    ASSERT_TRUE(world_.jobs.create(test_job(number)));
    world_.take(number);
    const auto key = recording_key(*test_job(number).created_at, "abcdefghijk", test_id(number));
    const auto writer = world_.recordings.open(key).value();
    ASSERT_TRUE(writer->begin_file(0, Bytes(writer->head_size())));
    world_.change(number, [&](Job job) -> Result<Job> {
      job = TRY(begin_recording(std::move(job), "recorder", world_.clock.now()));
      return heartbeat(std::move(job), {.owner = "recorder",
                                        .now = world_.clock.now(),
                                        .lease = seconds{60},
                                        .bytes = 4096,
                                        .recordings = {{.key = key, .bytes = 4096}}});
    });
  }
  bool has_recording(std::uint64_t number) {
    return world_.recordings.size(world_.stored(number).recordings.at(0).key).has_value();
  }

  World world_;
};

TEST_F(ReconcilerTest, nothing_to_do_does_nothing) {
  record(1);
  const auto done = step();
  EXPECT_EQ(done.requeued + done.woken + done.resent + done.ended + done.found_dead, 0U);
  EXPECT_EQ(world_.queued, 0);
  EXPECT_EQ(world_.queue.depth()->waiting, 0U);
}

TEST_F(ReconcilerTest, a_lost_recorder_is_followed_by_another_in_the_same_state) {
  record(1);
  world_.clock.advance(seconds{60});
  EXPECT_EQ(step().requeued, 1U);
  EXPECT_EQ(world_.queued, 1);
  dispatch();
  const auto job = world_.stored(1);
  EXPECT_EQ(job.status, JobStatus::recording);
  EXPECT_EQ(job.attempt, 2);
  EXPECT_NE(job.lease_owner, "recorder");
  EXPECT_EQ(world_.launcher.started.size(), 1U);
}

TEST_F(ReconcilerTest, a_recorder_known_to_be_dead_is_followed_at_once) {
  record(1);
  world_.launcher.dead.insert(test_id(1));
  const auto done = step();
  EXPECT_EQ(done.found_dead, 1U);
  EXPECT_EQ(done.requeued, 1U);
  dispatch();
  EXPECT_EQ(world_.launcher.started.size(), 1U);
}

TEST_F(ReconcilerTest, a_recorder_that_is_told_to_have_ended_is_followed_at_once) {
  record(1);
  auto reconciler = world_.reconciler();
  ASSERT_TRUE(reconciler.recorder_ended(test_id(1), "an earlier one"));
  ASSERT_TRUE(reconciler.recorder_ended(test_id(2), "recorder")) << "of a job that was deleted";
  EXPECT_EQ(step().requeued, 0U);
  ASSERT_TRUE(reconciler.recorder_ended(test_id(1), "recorder"));
  EXPECT_EQ(step().requeued, 1U);
}

TEST_F(ReconcilerTest, looking_often_starts_one_recorder) {
  record(1);
  world_.clock.advance(seconds{60});
  for (int i = 0; i < 10; ++i) step();
  dispatch();
  for (int i = 0; i < 10; ++i) step();
  dispatch();
  EXPECT_EQ(world_.launcher.started.size(), 1U);
}

TEST_F(ReconcilerTest, a_lost_message_of_a_lost_recorder_is_sent_again_later) {
  record(1);
  world_.clock.advance(seconds{60});
  step();
  const auto lost = world_.queue.receive(1, seconds{1})->at(0);
  ASSERT_TRUE(world_.queue.acknowledge(lost.receipt));
  step();
  EXPECT_EQ(world_.queue.depth()->waiting, 0U);
  world_.clock.advance(seconds{300});
  step();
  EXPECT_EQ(world_.queue.depth()->waiting, 1U);
}

TEST_F(ReconcilerTest, a_waiting_job_is_woken_when_its_time_comes) {
  ASSERT_TRUE(world_.jobs.create(test_job(1)));
  world_.take(1);
  const auto when = world_.clock.now() + seconds{3600};
  world_.change(1, [&](Job job) { return wait_until(std::move(job), "recorder", world_.clock.now(), when); });
  EXPECT_EQ(step().woken, 0U);
  world_.clock.set(when);
  EXPECT_EQ(step().woken, 1U);
  EXPECT_EQ(world_.stored(1).status, JobStatus::pending);
  dispatch();
  EXPECT_EQ(world_.stored(1).status, JobStatus::started);
}

TEST_F(ReconcilerTest, a_job_whose_message_was_never_sent_is_queued) {
  ASSERT_TRUE(world_.jobs.create(test_job(1)));
  EXPECT_EQ(step().resent, 0U);
  world_.clock.advance(milliseconds{60'001});
  EXPECT_EQ(step().resent, 1U);
  dispatch();
  EXPECT_EQ(world_.launcher.started.size(), 1U);
}

TEST_F(ReconcilerTest, jobs_that_wait_for_their_turn_are_not_queued_twice) {
  for (std::uint64_t number = 1; number <= 5; ++number) world_.submit(number);
  for (int minute = 0; minute < 100; ++minute) {
    world_.clock.advance(seconds{60});
    step();
  }
  EXPECT_EQ(world_.queue.depth()->waiting, 5U);
}

TEST_F(ReconcilerTest, a_cancel_that_no_recorder_saw_ends_the_job_and_its_recording) {
  record(1);
  world_.change(1, [&](Job job) { return request_cancel(std::move(job), world_.clock.now()); });
  EXPECT_EQ(step().ended, 0U);  // its recorder will see to it
  world_.clock.advance(seconds{61});
  EXPECT_EQ(step().ended, 1U);
  EXPECT_EQ(world_.stored(1).status, JobStatus::cancelled);
  EXPECT_FALSE(has_recording(1));
}

TEST_F(ReconcilerTest, a_stop_that_no_recorder_saw_is_carried_out_by_another) {
  record(1);
  world_.change(1, [&](Job job) { return request_stop(std::move(job), world_.clock.now()); });
  world_.clock.advance(seconds{61});
  EXPECT_EQ(step().requeued, 1U);
  dispatch();
  ASSERT_EQ(world_.launcher.started.size(), 1U);
  EXPECT_EQ(world_.launcher.started[0].stop_requested, StopRequest::stop);
  EXPECT_TRUE(has_recording(1));
}

TEST_F(ReconcilerTest, a_stop_before_anything_was_recorded_ends_the_job) {
  ASSERT_TRUE(world_.jobs.create(test_job(1)));
  world_.take(1);
  world_.change(1, [&](Job job) { return request_stop(std::move(job), world_.clock.now()); });
  EXPECT_EQ(world_.stored(1).status, JobStatus::started);
  world_.clock.advance(seconds{61});
  EXPECT_EQ(step().ended, 1U);
  EXPECT_EQ(world_.stored(1).status, JobStatus::cancelled);
}

TEST_F(ReconcilerTest, a_recorder_that_ended_well_and_is_gone_stays_ended) {
  record(1);
  world_.launcher.dead.insert(test_id(1));
  world_.change(1, [&](Job job) { return begin_uploading(std::move(job), "recorder", world_.clock.now()); });
  world_.change(1, [&](Job job) {
    return complete(std::move(job), "recorder", world_.clock.now(), {.complete = true, .ended_by = "broadcaster"});
  });
  const auto done = step();
  EXPECT_EQ(done.found_dead + done.requeued, 0U);
  EXPECT_EQ(world_.stored(1).status, JobStatus::completed);
}

TEST_F(ReconcilerTest, more_jobs_than_one_look_takes_are_all_mended) {
  for (std::uint64_t number = 1; number <= 250; ++number) {
    ASSERT_TRUE(world_.jobs.create(test_job(number)));
    world_.take(number);
  }
  world_.clock.advance(seconds{60});
  auto dispatcher = world_.dispatcher();
  for (int i = 0; i < 5; ++i) {
    step();
    while (dispatcher.step()->received > 0) {
    }
  }
  EXPECT_EQ(world_.launcher.started.size(), 250U);
}

}  // namespace
}  // namespace aircheck::dispatch
