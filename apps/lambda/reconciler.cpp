// The reconciler, on a schedule and on ECS's task-state events: either way one look at everything.
#include "dispatch/reconciler.hpp"

#include <fmt/core.h>

#include <cstdio>

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
      [](lambda::Ports& ports, const lambda::Settings& settings, const std::string&) -> Result<std::string> {
        dispatch::Reconciler reconciler({.jobs = ports.jobs,
                                         .queue = ports.queue,
                                         .launcher = ports.launcher,
                                         .clock = ports.clock,
                                         .recordings = &ports.recordings},
                                        {});
        const auto step = TRY(reconciler.step());
        tell_late_heartbeats(step, settings.table, ports.clock);
        return fmt::format(R"({{"requeued":{},"woken":{},"resent":{},"ended":{},"found_dead":{}}})", step.requeued,
                           step.woken, step.resent, step.ended, step.found_dead);
      });
}
