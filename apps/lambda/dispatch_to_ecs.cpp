// The API behind API Gateway: stores jobs and queues them, answers questions about them. Starts nothing itself.
#include <optional>

#include "api/api.hpp"
#include "lambda/api_token.hpp"
#include "lambda/gateway_event.hpp"
#include "lambda/wiring.hpp"

using namespace aircheck;

namespace {

// A deployment is open to the whole internet: without a token nobody gets in.
api::Response answer(lambda::Ports& ports, const api::Request& request, Result<std::string> token) {
  if (!token) return api::problem(503, token.error().message, "The API stays locked until then.");
  return api::handle(request, {.jobs = ports.jobs,
                               .queue = ports.queue,
                               .recordings = ports.recordings,
                               .watches = ports.watches,
                               .clock = ports.clock,
                               .token = *std::move(token),
                               .prefix = "",
                               .version = AIRCHECK_VERSION,
                               .recording_link = cloud::link_to(ports.recordings)});
}

}  // namespace

int main() {
  std::optional<lambda::ApiToken> token;
  return lambda::serve([&](lambda::Ports& ports, const lambda::Settings& settings,
                           const aws::Invocation& invocation) -> Result<std::string> {
    const auto request = TRY(lambda::request_from_event(invocation.event));
    if (!token) token.emplace(ports.clock, lambda::token_source(ports.client, settings));
    auto response = answer(ports, request, token->get());
    lambda::allow_origin(response, settings.cors_origin);
    return lambda::event_response(response, request.method == "HEAD");
  });
}
