#include "dispatch/worker.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>

namespace aircheck::dispatch {
namespace {

constexpr milliseconds kNever{3'600'000};

TEST(Worker, goes_on_while_there_is_more_to_do) {
  std::atomic<int> steps = 0;
  std::latch done(10);
  Worker worker(
      [&] {
        const bool more = ++steps < 10;
        done.count_down();
        return more;
      },
      kNever);
  const std::jthread thread([&](std::stop_token stop) { worker.run(std::move(stop)); });
  done.wait();
  EXPECT_EQ(steps, 10);
}

TEST(Worker, a_nudge_is_not_lost_whenever_it_comes) {
  std::atomic<int> steps = 0;
  std::atomic<int> wanted = 0;
  Worker worker([&] { return steps = wanted.load(), steps.notify_all(), false; }, kNever);
  const std::jthread thread([&](std::stop_token stop) { worker.run(std::move(stop)); });
  for (int i = 1; i <= 2'000; ++i) {
    wanted = i;
    worker.nudge();
    for (int seen = steps; seen < i; seen = steps) steps.wait(seen);
  }
}

TEST(Worker, stops_out_of_its_sleep) {
  for (int i = 0; i < 200; ++i) {
    Worker worker([] { return false; }, kNever);
    std::jthread thread([&](std::stop_token stop) { worker.run(std::move(stop)); });
  }
}

TEST(Worker, looks_by_itself_when_its_interval_has_passed) {
  std::latch done(3);
  std::atomic<int> steps = 0;
  Worker worker(
      [&] {
        if (++steps <= 3) done.count_down();
        return false;
      },
      milliseconds{1});
  const std::jthread thread([&](std::stop_token stop) { worker.run(std::move(stop)); });
  done.wait();
}

}  // namespace
}  // namespace aircheck::dispatch
