#include "dispatch/dispatcher.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "core/names.hpp"
#include "dispatch/fakes_testing.hpp"

namespace aircheck::dispatch {
namespace {

class DispatcherTest : public testing::Test {
 protected:
  Dispatcher::Step step() {
    auto dispatcher = world_.dispatcher();
    const auto done = dispatcher.step();
    EXPECT_TRUE(done) << done.error().message;
    return done.value_or(Dispatcher::Step{});
  }
  JobQueue::Depth depth() { return *world_.queue.depth(); }

  World world_;
};

TEST_F(DispatcherTest, claims_starts_and_acknowledges) {
  world_.submit(1);
  EXPECT_EQ(step().started, 1U);
  const auto job = world_.stored(1);
  EXPECT_EQ(job.status, JobStatus::started);
  EXPECT_EQ(job.attempt, 1);
  EXPECT_TRUE(is_held(job, world_.clock.now()));
  ASSERT_EQ(world_.launcher.started.size(), 1U);
  EXPECT_EQ(world_.launcher.started[0].lease_owner, job.lease_owner);
  EXPECT_FALSE(job.lease_owner.empty());
  EXPECT_EQ(depth().in_flight + depth().waiting, 0U);
  EXPECT_EQ(step().received, 0U);
}

TEST_F(DispatcherTest, a_duplicate_finds_the_job_claimed_and_is_dropped) {
  const auto job = world_.submit(1);
  ASSERT_TRUE(world_.queue.send(job.id, "again"));
  EXPECT_EQ(step().started, 1U);
  EXPECT_EQ(step().dropped, 1U);
  EXPECT_EQ(world_.launcher.started.size(), 1U);
  EXPECT_EQ(depth().in_flight + depth().waiting, 0U);
}

// The crash between claim and acknowledgement: the message comes again while the lease still runs.
TEST_F(DispatcherTest, a_redelivery_under_a_running_lease_is_dropped) {
  world_.submit(1);
  world_.take(1);
  EXPECT_EQ(step().dropped, 1U);
  EXPECT_TRUE(world_.launcher.started.empty());
}

TEST_F(DispatcherTest, a_failed_launch_frees_the_job_and_is_tried_again) {
  world_.submit(1);
  world_.launcher.refusal = Error{ErrorKind::io, "no more processes"};
  EXPECT_EQ(step().put_back, 1U);
  auto job = world_.stored(1);
  EXPECT_EQ(job.status, JobStatus::pending);
  EXPECT_TRUE(job.lease_owner.empty());
  EXPECT_EQ(job.error->message, "no more processes");
  EXPECT_EQ(step().received, 0U);  // not at once
  world_.launcher.refusal.reset();
  world_.clock.advance(seconds{5});
  EXPECT_EQ(step().started, 1U);
  EXPECT_EQ(world_.stored(1).attempt, 2);
}

TEST_F(DispatcherTest, gives_up_after_ten_recorders_that_brought_nothing) {
  world_.submit(1);
  world_.launcher.refusal = Error{ErrorKind::io, "no more processes"};
  auto reconciler = world_.reconciler();
  for (int i = 0; i < 100 && !is_terminal(world_.stored(1).status); ++i) {
    step();
    world_.clock.advance(seconds{400});
    ASSERT_TRUE(reconciler.step());  // sends again what became a dead letter
  }
  const auto job = world_.stored(1);
  EXPECT_EQ(job.status, JobStatus::failed);
  EXPECT_EQ(job.attempt, 10);
  EXPECT_EQ(job.error->kind, ErrorKind::io);
  EXPECT_NE(job.error->message.find("no more processes"), std::string::npos) << job.error->message;
}

TEST_F(DispatcherTest, recorders_that_bring_something_are_followed_without_end) {
  world_.submit(1);
  for (int i = 1; i <= 50; ++i) {
    const auto owner = "recorder " + std::to_string(i);
    const auto job = world_.take(1, owner);
    world_.change(1, [&](Job stored) {
      return heartbeat(
          std::move(stored),
          {.owner = owner, .now = world_.clock.now(), .lease = seconds{60}, .bytes = static_cast<std::uint64_t>(i)});
    });
    world_.clock.advance(seconds{61});
  }
  EXPECT_EQ(step().started, 1U);
  EXPECT_EQ(world_.stored(1).attempt, 51);
}

TEST_F(DispatcherTest, what_names_no_job_becomes_a_dead_letter) {
  ASSERT_TRUE(world_.queue.send("no id at all", "t"));
  for (int i = 0; i < 6; ++i) {
    step();
    world_.clock.advance(seconds{600});
  }
  EXPECT_EQ(*world_.queue.dead_letters(10), std::vector<std::string>{"no id at all"});
}

TEST_F(DispatcherTest, the_message_of_a_removed_or_ended_job_is_dropped) {
  const auto gone = world_.submit(1);
  ASSERT_TRUE(world_.jobs.remove(gone.id, gone.version));
  world_.submit(2);
  world_.change(2, [&](Job job) { return request_cancel(std::move(job), world_.clock.now()); });
  EXPECT_EQ(step().dropped, 2U);
  EXPECT_TRUE(world_.launcher.started.empty());
}

TEST_F(DispatcherTest, a_claimable_job_that_should_end_is_ended_instead) {
  world_.submit(1);
  world_.take(1);
  world_.change(1, [&](Job job) { return request_cancel(std::move(job), world_.clock.now()); });
  world_.clock.advance(seconds{61});
  EXPECT_EQ(step().ended, 1U);
  EXPECT_EQ(world_.stored(1).status, JobStatus::cancelled);
  EXPECT_TRUE(world_.launcher.started.empty());
}

struct FixedCheck final : StreamCheck {
  Existence answer = Existence::exists;
  int asked = 0;
  Existence check(const Job&) override { return ++asked, answer; }
};

TEST_F(DispatcherTest, a_video_that_does_not_exist_costs_no_recorder) {
  FixedCheck check;
  world_.check = &check;
  check.answer = Existence::does_not_exist;
  world_.submit(1);
  EXPECT_EQ(step().ended, 1U);
  EXPECT_EQ(world_.stored(1).status, JobStatus::failed);
  EXPECT_EQ(world_.stored(1).error->kind, ErrorKind::not_found);
  EXPECT_TRUE(world_.launcher.started.empty());
}

TEST_F(DispatcherTest, an_answer_that_tells_nothing_stops_nothing) {
  FixedCheck check;
  world_.check = &check;
  check.answer = Existence::cannot_tell;
  world_.submit(1);
  EXPECT_EQ(step().started, 1U);
}

TEST_F(DispatcherTest, a_recording_under_way_is_not_checked_again) {
  FixedCheck check;
  world_.check = &check;
  check.answer = Existence::does_not_exist;
  world_.submit(1);
  world_.take(1);
  world_.clock.advance(seconds{61});
  EXPECT_EQ(step().started, 1U);
  EXPECT_EQ(check.asked, 0);
}

TEST_F(DispatcherTest, runs_no_more_than_it_may_and_leaves_the_rest_in_the_queue) {
  world_.dispatching.max_concurrent = 2;
  for (std::uint64_t number = 1; number <= 5; ++number) world_.submit(number);
  EXPECT_EQ(step().started, 2U);
  EXPECT_EQ(step().received, 0U);
  EXPECT_EQ(depth().waiting, 3U);
  const auto running = world_.launcher.started[0];
  ASSERT_TRUE(update(world_.jobs, running.id, [&](Job job) {
    return fail_job(std::move(job), running.lease_owner, world_.clock.now(), {ErrorKind::ended, "over"});
  }));
  EXPECT_EQ(step().started, 1U);
  EXPECT_EQ(depth().waiting, 2U);
}

TEST_F(DispatcherTest, may_count_its_own_recordings_only) {
  std::size_t running = 0;
  world_.dispatching.max_concurrent = 2;
  world_.dispatching.running = [&] { return running; };
  for (std::uint64_t number = 1; number <= 5; ++number) world_.submit(number);
  running = 1;  // whatever others record
  EXPECT_EQ(step().started, 1U);
  running = 2;
  EXPECT_EQ(step().received, 0U);
  running = 0;
  EXPECT_EQ(step().started, 2U);
}

// One recorder per job, whatever the queue does: every message is delivered many times, in any order, some after the
// visibility timeout, some never acknowledged, while recorders start, and die, and leases run out in between.
TEST_F(DispatcherTest, a_thousand_duplicated_and_reordered_deliveries_start_one_recorder_each) {
  constexpr std::uint64_t kJobs = 100;
  std::mt19937 random(7);  // NOLINT: the same order each time
  std::vector<std::pair<std::string, std::string>> messages;
  for (std::uint64_t number = 1; number <= kJobs; ++number) {
    ASSERT_TRUE(world_.jobs.create(test_job(number)));
    for (int copy = 0; copy < 10; ++copy)
      messages.emplace_back(test_id(number), std::to_string(number) + "/" + std::to_string(copy));
  }
  std::ranges::shuffle(messages, random);
  std::size_t next = 0, received = 0;
  auto dispatcher = world_.dispatcher();
  while (next < messages.size() || depth().waiting + depth().in_flight > 0) {
    for (auto count = random() % 40; count > 0 && next < messages.size(); --count, ++next)
      ASSERT_TRUE(world_.queue.send(messages[next].first, messages[next].second));
    // Another dispatcher received these and died before it did anything.
    if (random() % 4 == 0) static_cast<void>(world_.queue.receive(random() % 5, seconds{1}));
    received += dispatcher.step()->received;
    world_.clock.advance(milliseconds(random() % 200));
  }
  EXPECT_GE(received, 900U);
  EXPECT_EQ(world_.launcher.started.size(), kJobs);
  std::set<std::string> ids;
  for (const auto& job : world_.launcher.started) ids.insert(job.id);
  EXPECT_EQ(ids.size(), kJobs);
  for (std::uint64_t number = 1; number <= kJobs; ++number) EXPECT_EQ(world_.stored(number).attempt, 1);
}

// Two dispatchers that both hold the job in their hands: the claim decides.
TEST_F(DispatcherTest, of_two_dispatchers_at_the_same_job_one_starts_it) {
  struct Rival final : StreamCheck {
    World& world;
    explicit Rival(World& its_world) : world(its_world) {}
    Existence check(const Job&) override { return world.take(1, "rival"), Existence::exists; }
  } rival(world_);
  world_.check = &rival;
  world_.submit(1);
  EXPECT_EQ(step().dropped, 1U);
  EXPECT_TRUE(world_.launcher.started.empty());
  EXPECT_EQ(world_.stored(1).lease_owner, "rival");
}

}  // namespace
}  // namespace aircheck::dispatch
