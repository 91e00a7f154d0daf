#pragma once
// What every JobQueue keeps to. A test program instantiates it with a queue that makes a message a dead letter after five
// deliveries and lives by the clock of its world.

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/memory.hpp"

namespace aircheck {

struct JobQueueWorld {
  ManualClock clock;
  virtual ~JobQueueWorld() = default;
  virtual JobQueue& queue() = 0;
  /// How near to the end of a time this clock can be read.
  virtual milliseconds edge() const { return milliseconds{1}; }
};

class JobQueueContract : public testing::TestWithParam<std::function<std::unique_ptr<JobQueueWorld>()>> {
 protected:
  static constexpr milliseconds kVisibility{30'000};

  JobQueue& queue() { return world_->queue(); }
  void pass(milliseconds time) { world_->clock.advance(time); }
  milliseconds edge() const { return world_->edge(); }
  void send(std::string_view job, std::string_view token) { ASSERT_TRUE(queue().send(job, token)); }
  std::vector<Delivery> receive(std::size_t limit = 10) {
    auto got = queue().receive(limit, kVisibility);
    EXPECT_TRUE(got) << got.error().message;
    return got.value_or(std::vector<Delivery>{});
  }
  JobQueue::Depth depth() {
    const auto depth = queue().depth();
    EXPECT_TRUE(depth) << depth.error().message;
    return depth.value_or(JobQueue::Depth{});
  }
  void expect_depth(std::size_t waiting, std::size_t in_flight, std::size_t dead) {
    const auto now = depth();
    EXPECT_EQ(now.waiting, waiting);
    EXPECT_EQ(now.in_flight, in_flight);
    EXPECT_EQ(now.dead, dead);
  }
  // Receives and drops the only message until it is a dead letter.
  void wear_out() {
    for (int i = 0; i < 5; ++i) {
      ASSERT_EQ(receive().size(), 1U) << i;
      pass(kVisibility);
    }
    ASSERT_TRUE(receive().empty());
  }

  std::unique_ptr<JobQueueWorld> world_ = GetParam()();
};

TEST_P(JobQueueContract, none_is_a_valid_answer) {
  EXPECT_TRUE(receive().empty());
  expect_depth(0, 0, 0);
}

TEST_P(JobQueueContract, delivers_in_the_order_of_sending) {
  for (const auto* job : {"a", "b", "c"}) send(job, job);
  expect_depth(3, 0, 0);
  const auto two = receive(2);
  ASSERT_EQ(two.size(), 2U);
  EXPECT_EQ(two[0].job_id, "a");
  EXPECT_EQ(two[1].job_id, "b");
  EXPECT_EQ(two[0].receive_count, 1);
  EXPECT_NE(two[0].receipt, two[1].receipt);
  expect_depth(1, 2, 0);
  EXPECT_EQ(receive().at(0).job_id, "c");
}

TEST_P(JobQueueContract, an_acknowledged_message_is_gone) {
  send("a", "t");
  ASSERT_TRUE(queue().acknowledge(receive().at(0).receipt));
  expect_depth(0, 0, 0);
  pass(kVisibility * 2);
  EXPECT_TRUE(receive().empty());
}

TEST_P(JobQueueContract, an_unacknowledged_message_comes_again) {
  send("a", "t");
  const auto first = receive().at(0);
  pass(kVisibility - edge());
  EXPECT_TRUE(receive().empty());
  pass(edge());
  const auto second = receive();
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].receive_count, 2);
}

TEST_P(JobQueueContract, an_old_receipt_does_nothing) {
  send("a", "t");
  const auto first = receive().at(0);
  pass(kVisibility);
  const auto second = receive().at(0);
  static_cast<void>(queue().acknowledge(first.receipt));
  static_cast<void>(queue().put_back(first.receipt, milliseconds{0}));
  static_cast<void>(queue().acknowledge("nonsense"));
  static_cast<void>(queue().put_back("1.0", milliseconds{0}));
  expect_depth(0, 1, 0);
  ASSERT_TRUE(queue().acknowledge(second.receipt));
  expect_depth(0, 0, 0);
}

TEST_P(JobQueueContract, put_back_delays_as_asked) {
  send("a", "t");
  ASSERT_TRUE(queue().put_back(receive().at(0).receipt, seconds{90}));
  pass(seconds{90} - edge());
  EXPECT_TRUE(receive().empty());
  pass(edge());
  const auto again = receive();
  ASSERT_EQ(again.size(), 1U);
  ASSERT_TRUE(queue().put_back(again[0].receipt, milliseconds{0}));
  EXPECT_EQ(receive().size(), 1U);
}

TEST_P(JobQueueContract, a_token_is_taken_once_in_five_minutes) {
  send("a", "same");
  send("a", "same");
  expect_depth(1, 0, 0);
  ASSERT_TRUE(queue().acknowledge(receive().at(0).receipt));
  pass(seconds{299});
  send("a", "same");
  expect_depth(0, 0, 0);
  pass(seconds{1});
  send("a", "same");
  expect_depth(1, 0, 0);
}

TEST_P(JobQueueContract, two_messages_of_one_job_are_never_in_flight_together) {
  send("a", "1");
  send("a", "2");
  send("b", "3");
  const auto first = receive();
  ASSERT_EQ(first.size(), 2U);
  EXPECT_EQ(first[0].job_id, "a");
  EXPECT_EQ(first[1].job_id, "b");
  EXPECT_TRUE(receive().empty());
  ASSERT_TRUE(queue().acknowledge(first[0].receipt));
  const auto second = receive();
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].job_id, "a");
}

TEST_P(JobQueueContract, becomes_a_dead_letter_after_five_deliveries) {
  send("a", "t");
  wear_out();
  expect_depth(0, 0, 1);
  EXPECT_EQ(queue().dead_letters(10).value_or(std::vector<std::string>{}), std::vector<std::string>{"a"});
  EXPECT_TRUE(queue().dead_letters(0)->empty());
}

TEST_P(JobQueueContract, a_dead_letter_blocks_nobody) {
  send("a", "1");
  wear_out();
  send("a", "2");
  EXPECT_EQ(receive().size(), 1U);
}

TEST_P(JobQueueContract, replays_dead_letters_with_a_fresh_count) {
  send("a", "t");
  wear_out();
  EXPECT_EQ(queue().replay_dead_letters().value_or(99), 1U);
  expect_depth(1, 0, 0);
  EXPECT_EQ(receive().at(0).receive_count, 1);
  EXPECT_EQ(queue().replay_dead_letters().value_or(99), 0U);
}

TEST_P(JobQueueContract, a_thousand_messages_each_come_once) {
  for (int i = 0; i < 1'000; ++i) send("job " + std::to_string(i), std::to_string(i));
  std::set<std::string> seen;
  for (auto batch = receive(7); !batch.empty(); batch = receive(7)) {
    for (const auto& delivery : batch) {
      EXPECT_TRUE(seen.insert(delivery.job_id).second);
      ASSERT_TRUE(queue().acknowledge(delivery.receipt));
    }
  }
  EXPECT_EQ(seen.size(), 1'000U);
  expect_depth(0, 0, 0);
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(JobQueueContract);

}  // namespace aircheck
