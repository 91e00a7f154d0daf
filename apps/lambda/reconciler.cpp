// The reconciler, on a schedule and on ECS's task-state events: either way one look at everything, by an event with the knowledge
// whose task has stopped.
#include "dispatch/reconciler.hpp"

#include <fmt/core.h>

#include <cstdio>

#include "aws/ecs_event.hpp"
#include "base/log.hpp"
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

}  // namespace

int main() {
  return lambda::serve(
      [](lambda::Ports& ports, const lambda::Settings& settings, const std::string& event) -> Result<std::string> {
        dispatch::Reconciler reconciler({.jobs = ports.jobs,
                                         .queue = ports.queue,
                                         .launcher = ports.launcher,
                                         .clock = ports.clock,
                                         .recordings = &ports.recordings},
                                        {});
        if (const auto stopped = aws::stopped_task(event))
          if (const auto done = reconciler.recorder_ended(stopped->job_id, stopped->lease_owner); !done)
            log::warn("job {}: its lease could not be taken back: {}", stopped->job_id, done.error().message);
        const auto step = TRY(reconciler.step());
        tell_late_heartbeats(step, settings.table, ports.clock);
        return fmt::format(R"({{"requeued":{},"woken":{},"resent":{},"ended":{},"found_dead":{}}})", step.requeued,
                           step.woken, step.resent, step.ended, step.found_dead);
      });
}
