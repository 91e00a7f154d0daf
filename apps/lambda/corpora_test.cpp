// The fuzzer's corpus as plain tests.
#include "aws/ecs_event.hpp"
#include "base/corpora_testing.hpp"
#include "core/memory.hpp"
#include "lambda/event_queue.hpp"
#include "lambda/gateway_event.hpp"

namespace aircheck::lambda {
namespace {

TEST(Corpora, events) {
  for_each_in("lambda_events", [](std::string_view text, const std::string& name) {
    if (name.find("task") != std::string::npos) return aws::stopped_task(text).has_value();
    if (name.find("request") != std::string::npos) return request_from_event(text).has_value();
    ManualClock clock;
    MemoryQueue real(clock);
    return EventQueue::from(text, real).has_value();
  });
}

}  // namespace
}  // namespace aircheck::lambda
