#include "aws/dynamo_table.hpp"

#include <fmt/core.h>

#include "aws/json_call.hpp"
#include "base/json.hpp"

namespace aircheck::aws {
namespace {

using nlohmann::json;

// The object or array of that name in an answer, `otherwise` when there is none.
json answered(const Answer& answer, const char* name, const json& otherwise) {
  const auto body = json::parse(answer.text(), nullptr, false);
  const auto found = body.is_object() ? body.find(name) : body.end();
  return body.is_object() && found != body.end() && found->type() == otherwise.type() ? *found : otherwise;
}

bool is_own(const json& item, const json& stored) {
  const auto id = text_attribute(item, "write_id");
  return !id.empty() && stored.is_object() && text_attribute(stored, "write_id") == id;
}

}  // namespace

std::string text_attribute(const json& item, const char* name) { return text_member(member(item, name), "S"); }

Error about_the_table(Error error, std::string_view operation) {
  const bool is_about_it =
      error.kind == ErrorKind::not_found || error.kind == ErrorKind::forbidden || error.kind == ErrorKind::unauthorized;
  if (is_about_it) error.kind = ErrorKind::unavailable;
  error.message = fmt::format("dynamodb {}: {}", operation, error.message);
  return error;
}

Result<json> ask_table(Client& client, std::string_view operation, const json& request) {
  const auto answer = TRY(call_json(client, kDynamoDb, operation, request));
  if (!answer.ok()) return std::unexpected(about_the_table(to_error(answer), operation));
  auto value = json::parse(answer.text(), nullptr, false);
  if (!value.is_object()) return fail(ErrorKind::corrupt, fmt::format("dynamodb {} answered no JSON", operation));
  return value;
}

Result<json> get_item(Client& client, const std::string& table, std::string_view id) {
  const auto answer = TRY(
      ask_table(client, "GetItem", {{"TableName", table}, {"Key", {{"id", {{"S", id}}}}}, {"ConsistentRead", true}}));
  return answer.value("Item", json::object());
}

Result<bool> put_item(Client& client, const json& wanted, json& stored) {
  auto request = wanted;
  request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD";
  const auto answer = TRY(call_json(client, kDynamoDb, "PutItem", request));
  if (answer.ok()) return true;
  if (answer.code != "ConditionalCheckFailedException")
    return std::unexpected(about_the_table(to_error(answer), "PutItem"));
  stored = answered(answer, "Item", json::object());
  return is_own(request["Item"], stored);
}

Result<bool> write_all(Client& client, const json& operations, json& reasons) {
  const auto answer = TRY(call_json(client, kDynamoDb, "TransactWriteItems", {{"TransactItems", operations}}));
  if (answer.ok()) return true;
  if (answer.code != "TransactionCanceledException")
    return std::unexpected(about_the_table(to_error(answer), "TransactWriteItems"));
  reasons = answered(answer, "CancellationReasons", json::array());
  if (reasons.size() != operations.size())
    return fail(ErrorKind::corrupt, "dynamodb TransactWriteItems gave no reason for its refusal");
  return is_own(operations[0]["Put"]["Item"], member(reasons[0], "Item"));
}

Result<void> query_items(Client& client, json request, const std::function<bool(const json&)>& take) {
  for (;;) {
    const auto page = TRY(ask_table(client, "Query", request));
    for (const auto& item : page.value("Items", json::array()))
      if (!take(item)) return {};
    const auto next = page.find("LastEvaluatedKey");
    if (next == page.end()) return {};
    request["ExclusiveStartKey"] = *next;
  }
}

}  // namespace aircheck::aws
