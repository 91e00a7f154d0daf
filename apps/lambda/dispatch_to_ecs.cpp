// The API behind API Gateway: stores jobs and queues them, answers questions about them. Starts nothing itself.
#include "api/api.hpp"
#include "lambda/gateway_event.hpp"
#include "lambda/wiring.hpp"

using namespace aircheck;

int main() {
  return lambda::serve(
      [](lambda::Ports& ports, const lambda::Settings& settings, const std::string& event) -> Result<std::string> {
        const auto request = TRY(lambda::request_from_event(event));
        const api::Context context{.jobs = ports.jobs,
                                   .queue = ports.queue,
                                   .recordings = ports.recordings,
                                   .clock = ports.clock,
                                   .token = settings.token,
                                   .prefix = "",
                                   .version = AIRCHECK_VERSION,
                                   .recording_link = cloud::link_to(ports.recordings)};
        return lambda::event_response(api::handle(request, context), request.method == "HEAD");
      });
}
