#pragma once
// What every WatchStore keeps to. A test program instantiates the suite with its own store, in one of its files.

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/memory.hpp"
#include "core/watch_samples_testing.hpp"

namespace aircheck {

/// A store to test, the jobs that it shares its storage with, and the clock they live by.
struct WatchStoreWorld {
  ManualClock clock;
  virtual ~WatchStoreWorld() = default;
  virtual WatchStore& watches() = 0;
  virtual JobStore& jobs() = 0;
};
using MakeWatchStoreWorld = std::function<std::unique_ptr<WatchStoreWorld>()>;

class WatchStoreContract : public testing::TestWithParam<MakeWatchStoreWorld> {
 protected:
  WatchStore& watches() { return world_->watches(); }
  JobStore& jobs() { return world_->jobs(); }
  void create(Watch watch) {
    const auto stored = watches().create(std::move(watch));
    ASSERT_TRUE(stored) << stored.error().message;
  }
  static Job job_of(std::uint64_t number, std::string video_id) {
    auto job = test_job(number);
    job.url = "https://www.youtube.com/watch?v=" + video_id;
    job.video_id = std::move(video_id);
    return job;
  }
  std::size_t count_jobs() { return jobs().list({.limit = 200})->jobs.size(); }
  /// Whether a job was made of it.
  bool admit(std::uint64_t watch, std::uint64_t job, const std::string& video_id) {
    const auto admitted = watches().admit(test_id(watch), job_of(job, video_id));
    EXPECT_TRUE(admitted) << admitted.error().message;
    return admitted && admitted->has_value();
  }
  bool is_judged(std::uint64_t watch, const std::string& video_id) {
    const auto left = watches().unjudged(test_id(watch), {video_id});
    EXPECT_TRUE(left) << left.error().message;
    return left && left->empty();
  }

  std::unique_ptr<WatchStoreWorld> world_ = GetParam()();
};

TEST_P(WatchStoreContract, keeps_all_that_a_watch_has) {
  create(full_watch(2));
  create(test_watch(1));
  const auto all = watches().list();
  ASSERT_TRUE(all);
  EXPECT_EQ(*all, (std::vector{test_watch(1), full_watch(2)}));
}

TEST_P(WatchStoreContract, refuses_the_same_watch_twice) {
  create(test_watch(1));
  auto same_id = test_watch(2);
  same_id.id = test_id(1);
  EXPECT_EQ(watches().create(same_id).error().kind, ErrorKind::conflict);
  auto same_channel = test_watch(2);
  same_channel.channel = test_watch(1).channel;
  EXPECT_EQ(watches().create(same_channel).error().kind, ErrorKind::conflict);
  same_channel.title = "another";
  EXPECT_TRUE(watches().create(same_channel));
  EXPECT_EQ(watches().list()->size(), 2U);
}

TEST_P(WatchStoreContract, replaces) {
  create(test_watch(1));
  auto watch = full_watch(1);
  watch.title = test_watch(1).title;
  EXPECT_TRUE(watches().replace(watch));
  EXPECT_EQ(watches().list()->at(0), watch);
  EXPECT_EQ(watches().replace(test_watch(2)).error().kind, ErrorKind::not_found);
  EXPECT_EQ(watches().list()->size(), 1U);
}

TEST_P(WatchStoreContract, one_of_several_gets_a_look) {
  create(test_watch(1));
  const auto next = test_watch(1).created_at + seconds{60};
  auto mine = test_watch(1);
  mine.next_check_at = next;
  auto other = mine;
  other.channel_name = "looked at by somebody else";
  other.next_check_at = next + seconds{60};
  EXPECT_TRUE(watches().claim(mine, {}).value());
  EXPECT_FALSE(watches().claim(other, {}).value());
  EXPECT_FALSE(watches().claim(mine, {}).value());
  EXPECT_EQ(watches().list()->at(0), mine);
  EXPECT_FALSE(watches().claim(other, next + milliseconds{1}).value());
  EXPECT_TRUE(watches().claim(other, next).value());
  EXPECT_EQ(watches().list()->at(0), other);
  EXPECT_EQ(watches().claim(test_watch(2), {}).error().kind, ErrorKind::not_found);
}

TEST_P(WatchStoreContract, of_many_looks_at_once_one_is_made) {
  create(test_watch(1));
  std::atomic<int> claimed = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([&, i] {
        auto watch = test_watch(1);
        watch.next_check_at = watch.created_at + milliseconds{i};
        claimed += watches().claim(watch, {}).value() ? 1 : 0;
      });
  }
  EXPECT_EQ(claimed, 1);
}

TEST_P(WatchStoreContract, verdicts_outlive_what_is_noted_of_a_look) {
  create(test_watch(1));
  ASSERT_TRUE(watches().dismiss(test_id(1), "old00000001"));
  ASSERT_TRUE(watches().replace(full_watch(1)));
  ASSERT_TRUE(watches().claim(test_watch(1), full_watch(1).next_check_at).value());
  const auto left = watches().unjudged(test_id(1), {"live0000002", "old00000001", "live0000001"});
  ASSERT_TRUE(left) << left.error().message;
  EXPECT_EQ(*left, (std::vector<std::string>{"live0000002", "live0000001"}));
}

TEST_P(WatchStoreContract, remembers_as_many_verdicts_as_a_feed_may_name) {
  create(test_watch(1));
  const auto name = [](int number) { return "video" + std::to_string(100'000 + number); };
  std::vector<std::string> video_ids;
  for (int i = 0; i < 30; ++i) {
    video_ids.push_back(name(i));
    ASSERT_TRUE(watches().dismiss(test_id(1), video_ids.back()));
  }
  EXPECT_TRUE(watches().unjudged(test_id(1), video_ids)->empty());
}

TEST_P(WatchStoreContract, removes) {
  create(test_watch(1));
  ASSERT_TRUE(admit(1, 10, "live0000001"));
  EXPECT_TRUE(watches().remove(test_id(1)));
  EXPECT_TRUE(watches().list()->empty());
  EXPECT_EQ(watches().remove(test_id(1)).error().kind, ErrorKind::not_found);
  EXPECT_TRUE(jobs().get(test_id(10))) << "the job stays";
  create(test_watch(1));
  EXPECT_FALSE(is_judged(1, "live0000001"));
}

TEST_P(WatchStoreContract, a_broadcast_gets_one_job) {
  create(test_watch(1));
  EXPECT_FALSE(is_judged(1, "live0000001"));
  EXPECT_TRUE(admit(1, 10, "live0000001"));
  EXPECT_TRUE(is_judged(1, "live0000001"));
  EXPECT_FALSE(admit(1, 11, "live0000001"));
  EXPECT_TRUE(admit(1, 12, "live0000002"));
  EXPECT_EQ(count_jobs(), 2U);
  const auto job = jobs().get(test_id(10));
  ASSERT_TRUE(job);
  EXPECT_EQ(job->version, 1U);
  EXPECT_EQ(job->video_id, "live0000001");
}

TEST_P(WatchStoreContract, a_deleted_job_does_not_come_back) {
  create(test_watch(1));
  ASSERT_TRUE(admit(1, 10, "live0000001"));
  ASSERT_TRUE(jobs().remove(test_id(10), 1));
  EXPECT_FALSE(admit(1, 11, "live0000001"));
  EXPECT_EQ(count_jobs(), 0U);
}

TEST_P(WatchStoreContract, a_broadcast_that_has_a_job_of_somebody_else_gets_none) {
  create(test_watch(1));
  create(test_watch(2));
  ASSERT_TRUE(jobs().create(job_of(9, "live0000001")));
  EXPECT_FALSE(admit(1, 10, "live0000001"));
  EXPECT_TRUE(is_judged(1, "live0000001"));
  EXPECT_TRUE(admit(1, 11, "live0000002"));
  EXPECT_FALSE(admit(2, 12, "live0000002"));
  EXPECT_EQ(count_jobs(), 2U);
}

TEST_P(WatchStoreContract, another_job_whose_title_only_names_the_video_is_no_hindrance) {
  create(test_watch(1));
  auto other = job_of(9, "live0000009");
  other.title = "about live0000001";
  ASSERT_TRUE(jobs().create(other));
  EXPECT_TRUE(admit(1, 10, "live0000001"));
}

TEST_P(WatchStoreContract, what_was_dismissed_is_never_recorded) {
  create(test_watch(1));
  EXPECT_TRUE(watches().dismiss(test_id(1), "old00000001"));
  EXPECT_TRUE(watches().dismiss(test_id(1), "old00000001"));
  EXPECT_TRUE(is_judged(1, "old00000001"));
  EXPECT_FALSE(admit(1, 10, "old00000001"));
  create(test_watch(2));
  EXPECT_FALSE(is_judged(2, "old00000001")) << "each watch judges for itself";
}

TEST_P(WatchStoreContract, a_removed_watch_makes_no_job) {
  EXPECT_EQ(watches().admit(test_id(1), job_of(10, "live0000001")).error().kind, ErrorKind::not_found);
  EXPECT_EQ(watches().dismiss(test_id(1), "live0000001").error().kind, ErrorKind::not_found);
  EXPECT_EQ(count_jobs(), 0U);
}

TEST_P(WatchStoreContract, an_id_that_is_taken_changes_nothing) {
  create(test_watch(1));
  ASSERT_TRUE(admit(1, 10, "live0000001"));
  EXPECT_EQ(watches().admit(test_id(1), job_of(10, "live0000002")).error().kind, ErrorKind::conflict);
  EXPECT_FALSE(is_judged(1, "live0000002"));
}

TEST_P(WatchStoreContract, of_many_at_once_one_admits) {
  create(test_watch(1));
  std::atomic<int> made = 0;
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t i = 0; i < 8; ++i)
      threads.emplace_back([&, i] { made += admit(1, 10 + i, "live0000001") ? 1 : 0; });
  }
  EXPECT_EQ(made, 1);
  EXPECT_EQ(count_jobs(), 1U);
}

}  // namespace aircheck
