#pragma once
// What every JobStore keeps to, and every ChangeFeed. A test program instantiates both suites with its own store, in one of
// its files: the tests are defined here.

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "core/job_samples_testing.hpp"
#include "core/memory.hpp"
#include "core/transitions.hpp"

namespace aircheck {

/// A store to test and the clock it lives by. `feed()` is nothing for stores that cannot tell what changed.
struct JobStoreWorld {
  ManualClock clock;
  virtual ~JobStoreWorld() = default;
  virtual JobStore& jobs() = 0;
  virtual ChangeFeed* feed() { return nullptr; }
};
using MakeJobStoreWorld = std::function<std::unique_ptr<JobStoreWorld>()>;

class JobStoreContract : public testing::TestWithParam<MakeJobStoreWorld> {
 protected:
  JobStore& jobs() { return world_->jobs(); }
  Instant now() const { return world_->clock.now(); }

  Job create(Job job) {
    auto stored = jobs().create(std::move(job));
    EXPECT_TRUE(stored) << stored.error().message;
    return stored.value_or(Job{});
  }
  Job replace(Job job) {
    auto stored = jobs().replace(std::move(job));
    EXPECT_TRUE(stored) << stored.error().message;
    return stored.value_or(Job{});
  }
  std::vector<std::string> ids(const JobQuery& query) {
    std::vector<std::string> out;
    const auto page = jobs().list(query);
    EXPECT_TRUE(page) << page.error().message;
    if (page)
      for (const auto& job : page->jobs) out.push_back(job.id);
    return out;
  }
  std::vector<std::string> due_ids(Instant time, milliseconds pending_age, std::size_t limit = 100) {
    std::vector<std::string> out;
    const auto due = jobs().due(time, pending_age, limit);
    EXPECT_TRUE(due) << due.error().message;
    if (due)
      for (const auto& job : *due) out.push_back(job.id);
    return out;
  }

  std::unique_ptr<JobStoreWorld> world_ = GetParam()();
};

TEST_P(JobStoreContract, gives_back_every_field) {
  auto job = full_job(1);
  const auto stored = create(job);
  EXPECT_EQ(stored.version, 1U);
  job.version = 1;
  EXPECT_EQ(stored, job);
  EXPECT_EQ(jobs().get(job.id).value_or(Job{}), job);
}

TEST_P(JobStoreContract, an_id_is_taken_once) {
  create(test_job(1));
  const auto again = jobs().create(test_job(1));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::conflict);
}

TEST_P(JobStoreContract, what_is_not_there_is_not_found) {
  EXPECT_EQ(jobs().get(test_id(9)).error().kind, ErrorKind::not_found);
  EXPECT_EQ(jobs().replace(test_job(9)).error().kind, ErrorKind::not_found);
  EXPECT_EQ(jobs().remove(test_id(9), 1).error().kind, ErrorKind::not_found);
  EXPECT_EQ(jobs().get("'; DROP TABLE jobs; --").error().kind, ErrorKind::not_found);
}

TEST_P(JobStoreContract, a_write_is_refused_when_somebody_was_faster) {
  const auto first = create(test_job(1));
  auto mine = first, theirs = first;
  theirs.title = "theirs";
  EXPECT_EQ(replace(theirs).version, 2U);
  mine.title = "mine";
  const auto refused = jobs().replace(mine);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  EXPECT_EQ(jobs().get(first.id)->title, "theirs");
}

TEST_P(JobStoreContract, stores_exactly_the_legal_transitions) {
  using enum JobStatus;
  const std::vector all{pending, started, waiting, recording, uploading, completed, failed, cancelled};
  std::uint64_t number = 0;
  for (const auto from : all) {
    for (const auto to : all) {
      auto job = test_job(++number);
      job.status = from;
      job = create(job);
      job.status = to;
      const auto written = jobs().replace(job);
      EXPECT_EQ(written.has_value(), is_legal(from, to)) << to_string(from) << " -> " << to_string(to);
      if (!written) {
        EXPECT_EQ(written.error().kind, ErrorKind::conflict);
      }
      EXPECT_EQ(jobs().get(job.id)->status, written ? to : from);
    }
  }
}

TEST_P(JobStoreContract, removes_only_the_version_it_was_shown) {
  const auto first = create(test_job(1));
  const auto second = replace(first);
  EXPECT_EQ(jobs().remove(first.id, first.version).error().kind, ErrorKind::conflict);
  EXPECT_TRUE(jobs().remove(first.id, second.version));
  EXPECT_EQ(jobs().get(first.id).error().kind, ErrorKind::not_found);
}

TEST_P(JobStoreContract, lists_the_newest_first) {
  for (const std::uint64_t number : {2U, 3U, 1U}) create(test_job(number));
  EXPECT_EQ(ids({}), (std::vector{test_id(3), test_id(2), test_id(1)}));
}

TEST_P(JobStoreContract, filters_by_status) {
  for (std::uint64_t number = 1; number <= 3; ++number) create(test_job(number));
  auto job = *jobs().get(test_id(2));
  job.status = JobStatus::started;
  replace(job);
  EXPECT_EQ(ids({.statuses = {JobStatus::started}}), std::vector{test_id(2)});
  EXPECT_EQ(ids({.statuses = {JobStatus::pending}}), (std::vector{test_id(3), test_id(1)}));
  EXPECT_EQ(ids({.statuses = {JobStatus::started, JobStatus::pending}}).size(), 3U);
  EXPECT_TRUE(ids({.statuses = {JobStatus::failed}}).empty());
}

TEST_P(JobStoreContract, searches_title_channel_url_and_video_id) {
  auto job = test_job(1);
  job.title = "Rocket LAUNCH 100% _live_";
  job.channel = "Space Agency";
  create(job);
  create(test_job(2));
  EXPECT_EQ(ids({.search = "rocket launch"}), std::vector{test_id(1)});
  EXPECT_EQ(ids({.search = "AGENCY"}), std::vector{test_id(1)});
  EXPECT_EQ(ids({.search = "100%"}), std::vector{test_id(1)});
  EXPECT_EQ(ids({.search = "_LIVE_"}), std::vector{test_id(1)});
  EXPECT_EQ(ids({.search = "watch?v=ABC"}).size(), 2U);
  EXPECT_EQ(ids({.search = "DEFGHIJK"}).size(), 2U);
  EXPECT_TRUE(ids({.search = "rocket%"}).empty());
  EXPECT_TRUE(ids({.search = "' OR 1=1"}).empty());
}

TEST_P(JobStoreContract, a_search_follows_a_changed_title) {
  auto job = create(test_job(1));
  job.title = "now known";
  replace(job);
  EXPECT_EQ(ids({.search = "NOW KNOWN"}), std::vector{test_id(1)});
}

TEST_P(JobStoreContract, pages_without_a_repetition_or_a_hole_while_jobs_come) {
  for (std::uint64_t number = 1; number <= 25; ++number) {
    auto job = test_job(number);
    job.created_at = now() + seconds(number / 5);  // several of the same time
    create(job);
  }
  std::vector<std::string> seen;
  JobQuery query{.limit = 4};
  for (std::uint64_t extra = 100;; ++extra) {
    const auto page = jobs().list(query);
    ASSERT_TRUE(page) << page.error().message;
    for (const auto& job : page->jobs) seen.push_back(job.id);
    create(test_job(extra));  // a new job appears while somebody leafs through
    if (page->next.empty()) break;
    query.cursor = page->next;
  }
  ASSERT_EQ(seen.size(), 25U);
  for (std::uint64_t number = 1; number <= 25; ++number) EXPECT_EQ(seen.at(25 - number), test_id(number));
}

TEST_P(JobStoreContract, a_full_last_page_has_no_next) {
  for (std::uint64_t number = 1; number <= 4; ++number) create(test_job(number));
  const auto page = jobs().list({.limit = 4});
  ASSERT_TRUE(page);
  EXPECT_EQ(page->jobs.size(), 4U);
  EXPECT_TRUE(page->next.empty());
}

TEST_P(JobStoreContract, refuses_odd_pages) {
  for (const auto& cursor :
       {"x", "12", "12.x", ".0190f3e2-0000-7000-8000-000000000001", "1e3.0190f3e2-0000-7000-8000-000000000001"}) {
    const auto page = jobs().list({.cursor = cursor});
    ASSERT_FALSE(page) << cursor;
    EXPECT_EQ(page.error().kind, ErrorKind::invalid_input) << cursor;
  }
  EXPECT_EQ(jobs().list({.limit = 0}).error().kind, ErrorKind::invalid_input);
  EXPECT_EQ(jobs().list({.limit = 201}).error().kind, ErrorKind::invalid_input);
}

TEST_P(JobStoreContract, due_are_ended_leases_come_times_and_forgotten_jobs) {
  create(test_job(1));  // PENDING
  auto held = create(test_job(2));
  held = replace(*claim(held, {.owner = "a", .now = now(), .lease = seconds{30}}));
  auto waiting = create(test_job(3));
  waiting = replace(*claim(waiting, {.owner = "b", .now = now(), .lease = seconds{30}}));
  waiting = replace(*wait_until(waiting, "b", now(), now() + seconds{50}));
  auto ended = create(test_job(4));
  replace(*fail_job(ended, "", now(), {ErrorKind::not_found, "gone"}));

  EXPECT_TRUE(due_ids(now(), seconds{60}).empty());
  EXPECT_TRUE(due_ids(now() + milliseconds{29'999}, seconds{60}).empty());
  EXPECT_EQ(due_ids(now() + seconds{30}, seconds{60}), std::vector{test_id(2)});
  EXPECT_EQ(due_ids(now() + seconds{50}, seconds{60}).size(), 2U);
  world_->clock.advance(milliseconds{60'001});
  EXPECT_EQ(due_ids(now(), seconds{60}).size(), 3U);
  // Jobs that are only forgotten must not hide the others.
  const auto first = due_ids(now(), seconds{60}, 2);
  EXPECT_EQ(std::set(first.begin(), first.end()), (std::set{test_id(2), test_id(3)}));
}

TEST_P(JobStoreContract, held_are_active_jobs_whose_lease_runs) {
  create(test_job(1));  // PENDING
  for (const std::uint64_t number : {2U, 3U, 4U, 5U}) {
    auto job = create(test_job(number));
    job = replace(*claim(job, {.owner = "a", .now = now(), .lease = seconds{30}}));
    if (number == 3) replace(*wait_until(job, "a", now(), now() + seconds{50}));
    if (number == 4) replace(*fail_job(job, "a", now(), {ErrorKind::not_found, "gone"}));
    if (number == 5) replace(*begin_recording(job, "a", now()));
  }
  const auto held_ids = [this](Instant time) {
    std::set<std::string> out;
    const auto held = jobs().held(time);
    EXPECT_TRUE(held) << held.error().message;
    if (held)
      for (const auto& job : *held) out.insert(job.id);
    return out;
  };
  EXPECT_EQ(held_ids(now()), (std::set{test_id(2), test_id(5)}));
  EXPECT_EQ(held_ids(now() + milliseconds{29'999}).size(), 2U);
  EXPECT_TRUE(held_ids(now() + seconds{30}).empty());
}

TEST_P(JobStoreContract, a_lease_that_was_given_up_is_due_at_once) {
  auto job = create(test_job(1));
  job = replace(*claim(job, {.owner = "a", .now = now(), .lease = seconds{30}}));
  replace(*give_up_lease(job, "a", now()));
  EXPECT_EQ(due_ids(now(), seconds{60}), std::vector{test_id(1)});
}

TEST_P(JobStoreContract, of_many_claimants_one_wins) {
  constexpr int kRounds = 20, kThreads = 4;
  for (int round = 1; round <= kRounds; ++round) {
    create(test_job(static_cast<std::uint64_t>(round)));
    std::atomic<int> won = 0;
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < kThreads; ++i)
        threads.emplace_back([&, i] {
          const auto owner = "owner " + std::to_string(i);
          const auto job = update(jobs(), test_id(static_cast<std::uint64_t>(round)), [&](Job stored) {
            return claim(std::move(stored), {.owner = owner, .now = now(), .lease = seconds{60}});
          });
          if (job) ++won;
        });
    }
    ASSERT_EQ(won, 1);
    EXPECT_EQ(jobs().get(test_id(static_cast<std::uint64_t>(round)))->attempt, 1);
  }
}

class ChangeFeedContract : public JobStoreContract {
 protected:
  ChangeFeed& feed() { return *world_->feed(); }
  ChangeFeed::Changes since(std::uint64_t cursor) {
    const auto changes = feed().since(cursor);
    EXPECT_TRUE(changes) << changes.error().message;
    return changes.value_or(ChangeFeed::Changes{});
  }
};

TEST_P(ChangeFeedContract, begins_with_the_present_even_when_that_is_empty) {
  const auto start = since(0);
  EXPECT_TRUE(start.changed.empty());
  EXPECT_GT(start.cursor, 0U);
  create(test_job(1));
  const auto next = since(start.cursor);
  ASSERT_EQ(next.changed.size(), 1U);
  EXPECT_EQ(next.changed[0].id, test_id(1));
  EXPECT_TRUE(since(next.cursor).changed.empty());
  EXPECT_TRUE(since(0).changed.empty());
}

TEST_P(ChangeFeedContract, tells_each_job_once_in_the_order_of_its_last_change) {
  const auto start = since(0).cursor;
  auto first = create(test_job(1));
  create(test_job(2));
  first.title = "changed";
  replace(first);
  const auto changes = since(start);
  ASSERT_EQ(changes.changed.size(), 2U);
  EXPECT_EQ(changes.changed[0].id, test_id(2));
  EXPECT_EQ(changes.changed[1].title, "changed");
  EXPECT_EQ(changes.changed[1].version, 2U);
}

TEST_P(ChangeFeedContract, tells_what_was_removed) {
  const auto job = create(test_job(1));
  const auto start = since(0).cursor;
  ASSERT_TRUE(jobs().remove(job.id, job.version));
  const auto changes = since(start);
  EXPECT_TRUE(changes.changed.empty());
  EXPECT_EQ(changes.removed, std::vector{test_id(1)});
  EXPECT_TRUE(since(changes.cursor).removed.empty());
}

TEST_P(ChangeFeedContract, a_refused_write_is_no_change) {
  const auto job = create(test_job(1));
  replace(job);
  const auto start = since(0).cursor;
  EXPECT_FALSE(jobs().replace(job));
  EXPECT_TRUE(since(start).changed.empty());
}

TEST_P(ChangeFeedContract, many_changes_come_in_portions_without_a_loss) {
  auto cursor = since(0).cursor;
  for (std::uint64_t number = 1; number <= 1'010; ++number) create(test_job(number));
  const auto gone = *jobs().get(test_id(700));
  ASSERT_TRUE(jobs().remove(gone.id, gone.version));
  std::vector<std::string> seen, removed;
  for (int portion = 0; portion < 3; ++portion) {
    const auto changes = since(cursor);
    EXPECT_LE(changes.changed.size(), 500U);
    for (const auto& job : changes.changed) seen.push_back(job.id);
    removed.insert(removed.end(), changes.removed.begin(), changes.removed.end());
    cursor = changes.cursor;
  }
  EXPECT_EQ(seen.size(), 1'009U);
  EXPECT_EQ(std::set(seen.begin(), seen.end()).size(), 1'009U);
  EXPECT_EQ(removed, std::vector{test_id(700)});
  EXPECT_TRUE(since(cursor).changed.empty());
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(JobStoreContract);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ChangeFeedContract);

}  // namespace aircheck
