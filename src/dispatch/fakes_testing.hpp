#pragma once
// A launcher that only notes what was started, and the ports in memory around it.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/job_samples_testing.hpp"
#include "core/memory.hpp"
#include "core/transitions.hpp"
#include "dispatch/dispatcher.hpp"
#include "dispatch/reconciler.hpp"

namespace aircheck::dispatch {

struct NotingLauncher final : Launcher {
  std::vector<Job> started;
  std::optional<Error> refusal;
  std::set<std::string> dead;  // ids of the jobs whose recorder is known to be dead

  Result<void> start(const Job& job) override {
    if (refusal) return std::unexpected(*refusal);
    started.push_back(job);
    return {};
  }
  std::optional<bool> is_dead(const Job& job) override { return dead.contains(job.id); }
  void nudge(const Job&) override {}
};

struct World {
  ManualClock clock;
  MemoryJobs jobs{clock};
  MemoryQueue queue{clock, 5};
  MemoryRecordings recordings;
  NotingLauncher launcher;
  DispatcherOptions dispatching;
  int queued = 0;  // how often the reconciler had something for the dispatcher
  StreamCheck* check = nullptr;

  Dispatcher dispatcher() {
    return {
        {.jobs = jobs, .queue = queue, .launcher = launcher, .clock = clock, .check = check, .recordings = &recordings},
        dispatching};
  }
  Reconciler reconciler() {
    return {{.jobs = jobs,
             .queue = queue,
             .launcher = launcher,
             .clock = clock,
             .recordings = &recordings,
             .on_queued = [this] { ++queued; }},
            {}};
  }
  Job stored(std::uint64_t number) { return jobs.get(test_id(number)).value(); }
  Job submit(std::uint64_t number) {
    auto job = jobs.create(test_job(number)).value();
    static_cast<void>(queue.send(job.id, job.id + ":1"));
    return job;
  }
  /// Claims the job as a recorder that was started for it.
  Job take(std::uint64_t number, std::string_view owner = "recorder") {
    return change(number, [&](Job job) {
      return claim(std::move(job), {.owner = owner, .now = clock.now(), .lease = seconds{60}});
    });
  }
  template <class Change>
  Job change(std::uint64_t number, Change&& change) {
    return update(jobs, test_id(number), std::forward<Change>(change)).value();
  }
};

}  // namespace aircheck::dispatch
