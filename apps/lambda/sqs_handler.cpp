// The dispatcher on the queue's messages: claims each job and starts its task. Never waits for a recording.
#include "aircheck/stream_check.hpp"
#include "dispatch/dispatcher.hpp"
#include "lambda/event_queue.hpp"
#include "lambda/wiring.hpp"

using namespace aircheck;

int main() {
  return lambda::serve(
      [](lambda::Ports& ports, const lambda::Settings&, const std::string& event) -> Result<std::string> {
        auto queue = TRY(lambda::EventQueue::from(event, ports.queue));
        apps::OembedCheck check(ports.http);
        // A task on Fargate is up after half a minute; its lease must last until its first heartbeat.
        dispatch::Dispatcher dispatcher({.jobs = ports.jobs,
                                         .queue = queue,
                                         .launcher = ports.launcher,
                                         .clock = ports.clock,
                                         .check = &check,
                                         .recordings = &ports.recordings},
                                        {.lease = milliseconds{180'000}});
        while (TRY(dispatcher.step()).received > 0) {
        }
        return queue.failures();
      });
}
