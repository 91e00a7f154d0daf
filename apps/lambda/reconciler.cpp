// The reconciler, on a schedule and on ECS's task-state events: either way one look at everything.
#include "dispatch/reconciler.hpp"

#include <fmt/core.h>

#include "lambda/wiring.hpp"

using namespace aircheck;

int main() {
  return lambda::serve([](lambda::Ports& ports, const lambda::Settings&, const std::string&) -> Result<std::string> {
    dispatch::Reconciler reconciler({.jobs = ports.jobs,
                                     .queue = ports.queue,
                                     .launcher = ports.launcher,
                                     .clock = ports.clock,
                                     .recordings = &ports.recordings},
                                    {});
    const auto step = TRY(reconciler.step());
    return fmt::format(R"({{"requeued":{},"woken":{},"resent":{},"ended":{},"found_dead":{}}})", step.requeued,
                       step.woken, step.resent, step.ended, step.found_dead);
  });
}
