#include "lambda/event_queue.hpp"

#include <algorithm>
#include <charconv>

#include "aws/sqs_queue.hpp"
#include "base/json.hpp"
#include "base/log.hpp"

namespace aircheck::lambda {
namespace {

using nlohmann::json;

int receive_count(const json& record) {
  const auto text = text_member(member(record, "attributes"), "ApproximateReceiveCount");
  int count = 1;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return std::max(1, count);
}

}  // namespace

Result<EventQueue> EventQueue::from(std::string_view text, JobQueue& queue) {
  const auto event = json::parse(text, nullptr, false);
  const auto records = event.is_object() ? event.find("Records") : event.end();
  if (!event.is_object() || records == event.end() || !records->is_array())
    return fail(ErrorKind::invalid_input, "the event is none of SQS's");
  EventQueue out(queue);
  for (const auto& record : *records) {
    if (!record.is_object()) return fail(ErrorKind::invalid_input, "the event has a record that is no object");
    const auto body = text_member(record, "body");
    const auto job_id = aws::job_id_in_message(body);
    if (!job_id) log::warn("a message that is not ours is left to become a dead letter: {}", body.substr(0, 100));
    out.messages_.push_back({.id = text_member(record, "messageId"),
                             .job_id = job_id.value_or(""),
                             .receipt = text_member(record, "receiptHandle"),
                             .receive_count = receive_count(record)});
  }
  return out;
}

Result<std::vector<Delivery>> EventQueue::receive(std::size_t limit, milliseconds) {
  std::vector<Delivery> out;
  for (; next_ < messages_.size() && out.size() < limit; ++next_) {
    const auto& message = messages_[next_];
    if (message.job_id.empty()) continue;
    out.push_back({.job_id = message.job_id, .receipt = message.receipt, .receive_count = message.receive_count});
  }
  return out;
}

// Lambda itself removes what is not reported as failed.
Result<void> EventQueue::acknowledge(std::string_view receipt) {
  for (auto& message : messages_)
    if (message.receipt == receipt) message.done = true;
  return {};
}

Result<void> EventQueue::put_back(std::string_view receipt, milliseconds delay) {
  return queue_->put_back(receipt, delay);
}

std::string EventQueue::failures() const {
  auto failed = json::array();
  for (const auto& message : messages_)
    if (!message.done) failed.push_back({{"itemIdentifier", message.id}});
  return json{{"batchItemFailures", failed}}.dump();
}

}  // namespace aircheck::lambda
