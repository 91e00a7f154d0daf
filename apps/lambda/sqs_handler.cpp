// The dispatcher on the queue's messages: claims each job and starts its task. Never waits for a recording.
#include <chrono>

#include "aircheck/stream_check.hpp"
#include "dispatch/dispatcher.hpp"
#include "lambda/event_queue.hpp"
#include "lambda/wiring.hpp"

using namespace aircheck;

namespace {

using SteadyClock = std::chrono::steady_clock;

// No further message is begun after this: the function's own limit (30 s) would end it between a claim and its start, and
// the job would wait for its lease. What is left comes again.
constexpr seconds kNoneBegunAfter{12};

}  // namespace

int main() {
  return lambda::serve(
      [](lambda::Ports& ports, const lambda::Settings&, const aws::Invocation& invocation) -> Result<std::string> {
        const auto end = SteadyClock::now() + kNoneBegunAfter;
        auto queue = TRY(lambda::EventQueue::from(invocation.event, ports.queue));
        apps::OembedCheck oembed(ports.youtube);
        apps::ImpatientCheck check(oembed);
        // A task on Fargate is up after half a minute; its lease must last until its first heartbeat.
        dispatch::Dispatcher dispatcher({.jobs = ports.jobs,
                                         .queue = queue,
                                         .launcher = ports.launcher,
                                         .clock = ports.clock,
                                         .check = &check,
                                         .recordings = &ports.recordings},
                                        {.lease = milliseconds{180'000}, .batch = 1});
        while (SteadyClock::now() < end && TRY(dispatcher.step()).received > 0) {
        }
        return queue.failures();
      });
}
