#pragma once
// Random lives of a job, played against a store and against a model that knows only the rules as they are written down in
// transitions.hpp. A test program instantiates it with its own store, in one of its files.

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/job_store_contract.hpp"

namespace aircheck {

/// One thing that happens: `what` is done by recorder `who`, or `amount` of time passes.
struct JobEvent {
  enum class What {
    claim,
    release,
    heartbeat,
    begin_recording,
    begin_uploading,
    complete,
    fail,
    wait,
    give_up,
    answer_cancel,
    stop,
    cancel,
    retry,
    wake,
    heed,
    fail_unheld,
    pass_time,
    COUNT
  };
  What what;
  int who;
  int amount;
};

inline std::ostream& operator<<(std::ostream& out, const JobEvent& event) {
  return out << "{event " << static_cast<int>(event.what) << " by " << event.who << ", " << event.amount << "}";
}

/// What must be true of the stored job, worked out from the events alone.
struct JobModel {
  JobStatus status = JobStatus::pending;
  int owner = -1;     // who claimed last and has not let go
  Instant lease_end;  // of that claim
  bool has_bytes = false;
  StopRequest wish = StopRequest::none;
  int attempts = 0;
};

class JobPropertyContract : public testing::TestWithParam<MakeJobStoreWorld> {
 protected:
  static constexpr milliseconds kLease{60'000};

  Instant now() const { return world_->clock.now(); }
  static std::string name(int who) { return "recorder " + std::to_string(who); }

  static bool may_follow(JobStatus from, JobStatus to) {
    using enum JobStatus;
    static const std::set<std::pair<JobStatus, JobStatus>> arrows{
        {pending, started},     {started, recording}, {recording, uploading}, {uploading, completed},
        {started, waiting},     {waiting, pending},   {started, pending},     {pending, failed},
        {started, failed},      {waiting, failed},    {recording, failed},    {uploading, failed},
        {pending, cancelled},   {started, cancelled}, {waiting, cancelled},   {recording, cancelled},
        {uploading, cancelled}, {failed, pending},    {cancelled, pending}};
    return from == to || arrows.contains({from, to});
  }
  static bool has_ended(JobStatus status) {
    return status == JobStatus::completed || status == JobStatus::failed || status == JobStatus::cancelled;
  }
  static bool is_running(JobStatus status) {
    return status == JobStatus::started || status == JobStatus::recording || status == JobStatus::uploading;
  }
  bool held(const JobModel& model) const {
    return is_running(model.status) && model.owner >= 0 && model.lease_end > now();
  }

  /// Whether the event may succeed by the rules.
  bool allowed(const JobModel& model, const JobEvent& event) const {
    using enum JobEvent::What;
    using enum JobStatus;
    const bool mine = is_running(model.status) && model.owner == event.who;
    const bool ends_by_wish =
        model.wish == StopRequest::cancel || (model.wish == StopRequest::stop && !model.has_bytes);
    switch (event.what) {
      case JobEvent::What::claim: return model.status == pending || (is_running(model.status) && !held(model));
      case JobEvent::What::release:
      case JobEvent::What::heartbeat:
      case JobEvent::What::begin_recording:
      case JobEvent::What::fail:
      case give_up:
      case answer_cancel: return mine;
      case JobEvent::What::begin_uploading: return mine && model.status != started;
      case JobEvent::What::complete: return mine && model.status == uploading;
      case wait: return mine && model.status == started;
      case stop:
      case cancel: return !has_ended(model.status);
      case JobEvent::What::retry: return model.status == failed || model.status == cancelled;
      case JobEvent::What::wake: return model.status == waiting;
      case heed: return !has_ended(model.status) && !held(model) && ends_by_wish;
      case fail_unheld: return !has_ended(model.status) && !held(model);
      default: return true;
    }
  }

  Result<Job> change(Job job, const JobEvent& event) const {
    using enum JobEvent::What;
    const auto owner = name(event.who);
    switch (event.what) {
      case JobEvent::What::claim: return aircheck::claim(job, {.owner = owner, .now = now(), .lease = kLease});
      case JobEvent::What::release: return aircheck::release(job, owner, now());
      case JobEvent::What::heartbeat:
        return aircheck::heartbeat(job, {.owner = owner, .now = now(), .lease = kLease, .bytes = job.bytes + 1});
      case JobEvent::What::begin_recording: return aircheck::begin_recording(job, owner, now());
      case JobEvent::What::begin_uploading: return aircheck::begin_uploading(job, owner, now());
      case JobEvent::What::complete:
        return aircheck::complete(job, owner, now(), {.complete = true, .ended_by = "user"});
      case JobEvent::What::fail: return fail_job(job, owner, now(), {ErrorKind::ended, "over"});
      case wait: return wait_until(job, owner, now(), now());
      case give_up: return give_up_lease(job, owner, now());
      case answer_cancel: return aircheck::cancelled(job, owner, now());
      case stop: return request_stop(job, now());
      case cancel: return request_cancel(job, now());
      case JobEvent::What::retry: return aircheck::retry(job, now());
      case JobEvent::What::wake: return aircheck::wake(job, now());
      case heed: return heed_wish(job, now());
      case fail_unheld: return fail_job(job, {}, now(), {ErrorKind::not_found, "none"});
      default: return job;
    }
  }

  /// The model after an event that succeeded, taking from the stored job only what the rules leave open.
  void follow(JobModel& model, const JobEvent& event, const Job& stored) const {
    using enum JobEvent::What;
    if (event.what == JobEvent::What::claim) {
      model.owner = event.who;
      model.lease_end = now() + kLease;
      ++model.attempts;
    }
    if (event.what == JobEvent::What::heartbeat) {
      model.lease_end = now() + kLease;
      model.has_bytes = true;
    }
    if (event.what == give_up || event.what == JobEvent::What::release) model.owner = -1;
    if (event.what == stop) model.wish = std::max(model.wish, StopRequest::stop);
    if (event.what == cancel) model.wish = StopRequest::cancel;
    if (event.what == JobEvent::What::retry) {
      model.wish = StopRequest::none;
      model.has_bytes = false;  // nothing was kept: these recorders name no files
    }
    model.status = stored.status;
    if (!is_running(model.status)) model.owner = -1;
  }

  void check_stored(const JobModel& before, const JobModel& model, const Job& stored) const {
    RC_ASSERT(may_follow(before.status, stored.status));
    RC_ASSERT(stored.attempt == model.attempts);
    RC_ASSERT(stored.stop_requested == model.wish);
    if (has_ended(stored.status)) {
      RC_ASSERT(stored.lease_owner.empty());
      RC_ASSERT(stored.completed_at.has_value());
      RC_ASSERT(stored.expires_at.has_value());
    } else {
      RC_ASSERT(!stored.expires_at.has_value());
    }
    if (is_running(stored.status)) RC_ASSERT(stored.lease_owner == (model.owner < 0 ? "" : name(model.owner)));
    RC_ASSERT(is_held(stored, now()) == held(model));
  }

  void play(const std::vector<JobEvent>& events) {
    const auto id = test_id(++lives_);
    RC_ASSERT(world_->jobs().create(test_job(lives_)).has_value());
    JobModel model;
    for (const auto& event : events) {
      if (event.what == JobEvent::What::pass_time) {
        world_->clock.advance(milliseconds(event.amount * 400));
        continue;
      }
      const auto old = world_->jobs().get(id).value();
      const auto written = update(world_->jobs(), id, [&](Job job) { return change(std::move(job), event); });
      RC_ASSERT(written.has_value() == allowed(model, event));
      const auto stored = world_->jobs().get(id).value();
      if (!written) {
        RC_ASSERT(written.error().kind == ErrorKind::conflict);
        RC_ASSERT(stored == old);
        continue;
      }
      RC_ASSERT(stored == *written);
      RC_ASSERT(stored.version == old.version + 1);
      const auto before = model;
      follow(model, event, stored);
      check_stored(before, model, stored);
    }
  }

  static rc::Gen<std::vector<JobEvent>> lives(int longest) {
    const auto what = rc::gen::map(rc::gen::inRange(0, static_cast<int>(JobEvent::What::COUNT)),
                                   [](int value) { return static_cast<JobEvent::What>(value); });
    const auto event = rc::gen::construct<JobEvent>(what, rc::gen::inRange(0, 2), rc::gen::inRange(0, 200));
    return rc::gen::resize(longest, rc::gen::container<std::vector<JobEvent>>(event));
  }

  std::unique_ptr<JobStoreWorld> world_ = GetParam()();
  std::uint64_t lives_ = 0;
};

TEST_P(JobPropertyContract, every_life_follows_the_rules_with_one_owner_at_a_time) {
  setenv("RC_PARAMS", "seed=20261123 max_success=300", 0);  // the same lives each time, unless somebody asks for others
  EXPECT_TRUE(rc::check([this] { play(*lives(60)); }));
}

// Another program writes whatever status it likes: the store lets pass only what is legal.
TEST_P(JobPropertyContract, no_writer_gets_an_illegal_status_past_the_store) {
  setenv("RC_PARAMS", "seed=20261123 max_success=300", 0);
  EXPECT_TRUE(rc::check([this] {
    const auto id = test_id(++lives_);
    RC_ASSERT(world_->jobs().create(test_job(lives_)).has_value());
    auto status = JobStatus::pending;
    for (const int next : *rc::gen::resize(30, rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 8)))) {
      auto job = world_->jobs().get(id).value();
      job.status = static_cast<JobStatus>(next);
      const bool legal = may_follow(status, job.status);
      if (legal) status = job.status;
      RC_ASSERT(world_->jobs().replace(job).has_value() == legal);
      RC_ASSERT(world_->jobs().get(id)->status == status);
    }
  }));
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(JobPropertyContract);

}  // namespace aircheck
