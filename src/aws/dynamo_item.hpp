#pragma once
// DynamoDB's way of writing values, {"S": "text"}, to and from plain JSON. Pure.

#include <nlohmann/json_fwd.hpp>

#include "base/result.hpp"

namespace aircheck::aws {

nlohmann::json to_attribute(const nlohmann::json& value);
/// `corrupt` for a kind of attribute that JSON does not have (sets, binary).
Result<nlohmann::json> from_attribute(const nlohmann::json& attribute);

/// A JSON object as an item and back; members that are null are left out of the item.
nlohmann::json to_item(const nlohmann::json& object);
Result<nlohmann::json> from_item(const nlohmann::json& item);

}  // namespace aircheck::aws
