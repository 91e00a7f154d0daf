#pragma once
// Calls of one DynamoDB table, as the stores on it share them. A request is the operation's input as AWS documents it, with
// its TableName. Stateless.

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "aws/client.hpp"

namespace aircheck::aws {

/// A table that is missing, or closed to us, says nothing about an item: whoever hears not_found takes it for deleted. Such
/// an error becomes `unavailable`.
Error about_the_table(Error error, std::string_view operation);

/// The answer's object; errors as of about_the_table().
Result<nlohmann::json> ask_table(Client& client, std::string_view operation, const nlohmann::json& request);

/// The item of that id as it is now, empty when there is none.
Result<nlohmann::json> get_item(Client& client, const std::string& table, std::string_view id);

/// PutItem with a condition: whether it held. If not, `stored` is the item that stands in the way (empty: none is there).
/// When an answer was lost the repetition meets its own item, which the item's `write_id` gives away: then it held.
Result<bool> put_item(Client& client, const nlohmann::json& request, nlohmann::json& stored);

/// TransactWriteItems: whether all was written; if not, nothing was, and `reasons` has AWS's reason for each operation. Lost
/// answers as in put_item(), by the `write_id` of the first operation, which must be a Put with ReturnValuesOnConditionCheckFailure.
Result<bool> write_all(Client& client, const nlohmann::json& operations, nlohmann::json& reasons);

/// Hands over what the query finds, page after page, until there is no more or `take` returns false.
Result<void> query_items(Client& client, nlohmann::json request,
                         const std::function<bool(const nlohmann::json&)>& take);

/// The item's string of that name, empty when there is none.
std::string text_attribute(const nlohmann::json& item, const char* name);

}  // namespace aircheck::aws
