// The reconciler, on a schedule and on ECS's task-state events: either way one look at all jobs, with what an event tells of a
// task that has stopped, and at the watched channels that are due.
#include "dispatch/reconciler.hpp"

#include <fmt/core.h>

#include <cstdio>
#include <optional>
#include <random>

#include "aircheck/channel_pages.hpp"
#include "aws/ecs_event.hpp"
#include "base/log.hpp"
#include "dispatch/watcher.hpp"
#include "lambda/wiring.hpp"

using namespace aircheck;

namespace {

// A line of this form in a function's log becomes a metric (CloudWatch's embedded metric format); the alarm
// late-heartbeats watches it. Without late ones there is none: each metric is paid for by the hours in which it has values.
void tell_late_heartbeats(const dispatch::Reconciler::Step& step, const std::string& table, const Clock& clock) {
  if (step.requeued == 0) return;
  fmt::print(R"({{"_aws":{{"Timestamp":{},"CloudWatchMetrics":[{{"Namespace":"aircheck","Dimensions":[["Table"]],)"
             R"("Metrics":[{{"Name":"LateHeartbeats","Unit":"Count"}}]}}]}},"Table":"{}","LateHeartbeats":{}}})"
             "\n",
             clock.now().time_since_epoch().count(), table, step.requeued);
  std::fflush(stdout);
}

// Looks at the watched channels. What it remembers of them lasts as long as this process; which are due stands in the table, so
// that a successor, or another beside it, does not begin anew.
class ChannelWatch {
 public:
  explicit ChannelWatch(lambda::Ports& ports)
      : ports_(ports), channels_(ports.youtube), random_(std::random_device{}()) {}

  // No look is begun after a third of the time that is left. One has five questions at most, each of an eighth.
  dispatch::Watcher::Step step(milliseconds left) {
    if (left < kLeast) return {};
    channels_.set_patience(left / 8);
    dispatch::WatcherOptions options{.budget = left / 3, .chance = [this] { return chance(); }};
    if (watcher_) watcher_->set_budget(options.budget);
    else watcher_.emplace(dispatch::Watcher::Ports{ports_.watches, ports_.queue, channels_, ports_.clock}, options);
    const auto done = watcher_->step();
    if (done) return *done;
    log::error("the watched channels could not be looked at: {}", done.error().message);
    return {};
  }

 private:
  static constexpr milliseconds kLeast{2'000};

  double chance() { return std::uniform_real_distribution(0.0, 1.0)(random_); }

  lambda::Ports& ports_;
  apps::ChannelPages channels_;
  std::minstd_rand random_;
  std::optional<dispatch::Watcher> watcher_;
};

void heed(dispatch::Reconciler& reconciler, const std::string& event) {
  const auto stopped = aws::stopped_task(event);
  if (!stopped) return;
  if (const auto done = reconciler.recorder_ended(stopped->job_id, stopped->lease_owner); !done)
    log::warn("job {}: its lease could not be taken back: {}", stopped->job_id, done.error().message);
}

Result<std::string> answer(lambda::Ports& ports, const lambda::Settings& settings, ChannelWatch& watch,
                           const aws::Invocation& invocation) {
  dispatch::Reconciler reconciler({.jobs = ports.jobs,
                                   .queue = ports.queue,
                                   .launcher = ports.launcher,
                                   .clock = ports.clock,
                                   .recordings = &ports.recordings},
                                  {});
  heed(reconciler, invocation.event);
  const auto mended = TRY(reconciler.step());
  tell_late_heartbeats(mended, settings.table, ports.clock);
  const auto looked = watch.step(invocation.deadline - ports.clock.now());
  return fmt::format(
      R"({{"requeued":{},"woken":{},"resent":{},"ended":{},"found_dead":{},"looked":{},"jobs":{},"troubled":{}}})",
      mended.requeued, mended.woken, mended.resent, mended.ended, mended.found_dead, looked.looked, looked.jobs,
      looked.troubled);
}

}  // namespace

int main() {
  std::optional<ChannelWatch> watch;
  return lambda::serve([&](lambda::Ports& ports, const lambda::Settings& settings, const aws::Invocation& invocation) {
    if (!watch) watch.emplace(ports);
    return answer(ports, settings, *watch, invocation);
  });
}
