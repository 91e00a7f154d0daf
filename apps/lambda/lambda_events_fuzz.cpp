// Any bytes as the event of a Lambda: refused, or an answer that is JSON. What API Gateway sends is a stranger's request.
#include <cstdlib>

#include "api/test_ports.hpp"
#include "aws/ecs_event.hpp"
#include "base/bytes.hpp"
#include "base/json.hpp"
#include "lambda/event_queue.hpp"
#include "lambda/gateway_event.hpp"

namespace {

using namespace aircheck;

void check_request(std::string_view event) {
  const auto request = lambda::request_from_event(event);
  if (!request) return;
  if (request->method.empty() || !request->path.starts_with('/')) std::abort();
  api::TestWorld world;
  world.add(JobStatus::recording);
  const auto reply = api::handle(*request, world.context);
  for (const bool is_head : {false, true})
    if (!nlohmann::json::parse(lambda::event_response(reply, is_head), nullptr, false).is_object()) std::abort();
}

void check_messages(std::string_view event) {
  api::BrokenQueue real;
  auto queue = lambda::EventQueue::from(event, real);
  if (!queue) return;
  const auto deliveries = queue->receive(SIZE_MAX, milliseconds{1});
  if (!deliveries) std::abort();
  for (const auto& delivery : *deliveries)
    if (delivery.job_id.empty() || !queue->acknowledge(delivery.receipt)) std::abort();
  if (!nlohmann::json::parse(queue->failures(), nullptr, false)["batchItemFailures"].is_array()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = as_text(std::as_bytes(std::span(data, size)));
  check_request(text);
  check_messages(text);
  if (const auto stopped = aws::stopped_task(text);
      stopped && (stopped->job_id.empty() || stopped->lease_owner.empty()))
    std::abort();
  return 0;
}
