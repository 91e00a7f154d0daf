#include "aws/sqs_queue.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "aws/json_call.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "base/uuid.hpp"

namespace aircheck::aws {
namespace {

using nlohmann::json;

constexpr std::size_t kMostMessages = 10;         // of one ReceiveMessage
constexpr seconds kLongestVisibility{12 * 3600};  // SQS's own limit
constexpr seconds kWhileListing{30};              // dead letters are hidden from others while they are listed or moved
constexpr std::size_t kLongestId = 128;           // of a group or deduplication id

seconds whole_seconds(milliseconds time) {
  return std::clamp(std::chrono::ceil<seconds>(time), seconds{0}, kLongestVisibility);
}

// Group and deduplication ids may hold printable ASCII only, and no more than 128 of them.
std::string as_id(std::string_view text) {
  auto id = encode_path(text);
  return id.size() <= kLongestId ? id : sha256_hex(as_bytes(text));
}

std::size_t number_member(const json& object, std::string_view name) {
  const auto text = text_member(object, name);
  std::size_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// A receipt whose time is over: somebody else has the message by now, or will.
bool is_stale(std::string_view code) {
  return code == "ReceiptHandleIsInvalid" || code == "MessageNotInflight" || code == "InvalidParameterValue" ||
         code == "InvalidParameterValueException" || code == "AWS.SimpleQueueService.MessageNotInflight";
}

}  // namespace

std::optional<std::string> job_id_in_message(std::string_view body) {
  const auto value = json::parse(body, nullptr, false);
  if (!value.is_object()) return {};
  auto id = text_member(value, "job_id");
  if (id.empty()) return {};
  return id;
}

SqsQueue::SqsQueue(Client& client, SqsOptions options) : client_(client), options_(std::move(options)) {}

Result<void> SqsQueue::send_to(const std::string& url, std::string_view body, std::string_view group,
                               std::string_view token) {
  TRY(json_of(client_, kSqs, "SendMessage",
              {{"QueueUrl", url},
               {"MessageBody", body},
               {"MessageGroupId", as_id(group)},
               {"MessageDeduplicationId", as_id(token)}}));
  return {};
}

Result<void> SqsQueue::send(std::string_view job_id, std::string_view token) {
  const json body{{"job_id", job_id}};
  return send_to(options_.queue_url, body.dump(-1, ' ', false, json::error_handler_t::replace), job_id, token);
}

// The attempt's id lets a repetition after a lost answer have the same messages.
Result<json> SqsQueue::fetch(const std::string& url, std::size_t limit, seconds visibility, seconds wait,
                             std::stop_token stop) {
  auto answer = TRY(json_of(client_, kSqs, "ReceiveMessage",
                            {{"QueueUrl", url},
                             {"MaxNumberOfMessages", std::min(limit, kMostMessages)},
                             {"VisibilityTimeout", visibility.count()},
                             {"WaitTimeSeconds", wait.count()},
                             {"ReceiveRequestAttemptId", make_uuid7(client_.now())},
                             {"AttributeNames", {"ApproximateReceiveCount", "MessageGroupId"}}},
                            std::move(stop)));
  auto messages = answer.value("Messages", json::array());
  return messages.is_array() ? messages : json::array();
}

Result<std::vector<Delivery>> SqsQueue::receive(std::size_t limit, milliseconds visibility) {
  std::vector<Delivery> out;
  if (limit == 0) return out;
  std::set<std::string> jobs;
  for (const auto& message :
       TRY(fetch(options_.queue_url, limit, whole_seconds(visibility), options_.wait, options_.stop))) {
    const auto body = text_member(message, "Body");
    const auto job_id = job_id_in_message(body);
    if (job_id && !jobs.insert(*job_id).second) {
      // One answer may hold several messages of a group; the later ones have to wait for the first.
      TRY(put_back(text_member(message, "ReceiptHandle"), milliseconds{0}));
      continue;
    }
    if (!job_id) {
      log::warn("a message that is not ours is left to become a dead letter: {}", body.substr(0, 100));
      continue;
    }
    const auto count = number_member(member(message, "Attributes"), "ApproximateReceiveCount");
    out.push_back({.job_id = *job_id,
                   .receipt = text_member(message, "ReceiptHandle"),
                   .receive_count = std::max(1, static_cast<int>(count))});
  }
  return out;
}

Result<void> SqsQueue::remove(const std::string& url, std::string_view receipt) {
  const auto answer = TRY(call_json(client_, kSqs, "DeleteMessage", {{"QueueUrl", url}, {"ReceiptHandle", receipt}}));
  if (answer.ok() || is_stale(answer.code)) return {};
  return wrap(to_error(answer), "sqs DeleteMessage");
}

Result<void> SqsQueue::change_visibility(const std::string& url, std::string_view receipt, seconds delay) {
  const auto answer =
      TRY(call_json(client_, kSqs, "ChangeMessageVisibility",
                    {{"QueueUrl", url}, {"ReceiptHandle", receipt}, {"VisibilityTimeout", delay.count()}}));
  if (answer.ok() || is_stale(answer.code)) return {};
  return wrap(to_error(answer), "sqs ChangeMessageVisibility");
}

Result<void> SqsQueue::acknowledge(std::string_view receipt) { return remove(options_.queue_url, receipt); }

Result<void> SqsQueue::put_back(std::string_view receipt, milliseconds delay) {
  return change_visibility(options_.queue_url, receipt, whole_seconds(delay));
}

Result<json> SqsQueue::attributes(const std::string& url) {
  auto answer =
      TRY(json_of(client_, kSqs, "GetQueueAttributes",
                  {{"QueueUrl", url},
                   {"AttributeNames", {"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"}}}));
  return answer.value("Attributes", json::object());
}

Result<JobQueue::Depth> SqsQueue::depth() {
  const auto main = TRY(attributes(options_.queue_url));
  Depth depth{.waiting = number_member(main, "ApproximateNumberOfMessages"),
              .in_flight = number_member(main, "ApproximateNumberOfMessagesNotVisible")};
  if (options_.dead_letter_url.empty()) return depth;
  const auto dead = TRY(attributes(options_.dead_letter_url));
  depth.dead =
      number_member(dead, "ApproximateNumberOfMessages") + number_member(dead, "ApproximateNumberOfMessagesNotVisible");
  return depth;
}

// SQS has no looking without taking: each is taken for a moment and given back.
Result<std::vector<std::string>> SqsQueue::dead_letters(std::size_t limit) {
  std::vector<std::string> ids, receipts;
  const auto& url = options_.dead_letter_url;
  while (!url.empty() && ids.size() < limit) {
    const auto messages = TRY(fetch(url, limit - ids.size(), kWhileListing, seconds{0}));
    if (messages.empty()) break;
    for (const auto& message : messages) {
      const auto body = text_member(message, "Body");
      ids.push_back(job_id_in_message(body).value_or(body.substr(0, 100)));
      receipts.push_back(text_member(message, "ReceiptHandle"));
    }
  }
  for (const auto& receipt : receipts) TRY(change_visibility(url, receipt, seconds{0}));
  return ids;
}

// Sent first, removed afterwards, under a token of the message's own: whatever fails in between, none is lost or doubled.
Result<std::size_t> SqsQueue::replay_dead_letters() {
  std::size_t count = 0;
  const auto& url = options_.dead_letter_url;
  while (!url.empty()) {
    const auto messages = TRY(fetch(url, kMostMessages, kWhileListing, seconds{0}));
    if (messages.empty()) break;
    for (const auto& message : messages) {
      const auto group = text_member(member(message, "Attributes"), "MessageGroupId");
      TRY(send_to(options_.queue_url, text_member(message, "Body"), group,
                  "replay " + text_member(message, "MessageId")));
      TRY(remove(url, text_member(message, "ReceiptHandle")));
      ++count;
    }
  }
  return count;
}

}  // namespace aircheck::aws
