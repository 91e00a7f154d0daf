#include "aws/dynamo_item.hpp"

#include "base/json.hpp"

namespace aircheck::aws {
namespace {

using nlohmann::json;

std::unexpected<Error> odd() { return fail(ErrorKind::corrupt, "an attribute of an unknown kind"); }

Result<json> from_list(const json& list) {
  if (!list.is_array()) return odd();
  auto out = json::array();
  for (const auto& element : list) out.push_back(TRY(from_attribute(element)));
  return out;
}

Result<json> from_number(const json& number) {
  if (!number.is_string()) return odd();
  auto value = json::parse(number.get_ref<const std::string&>(), nullptr, false);
  if (!value.is_number()) return odd();
  return value;
}

}  // namespace

json to_attribute(const json& value) {
  switch (value.type()) {
    case json::value_t::string: return {{"S", value}};
    case json::value_t::boolean: return {{"BOOL", value}};
    case json::value_t::number_integer:
    case json::value_t::number_unsigned:
    case json::value_t::number_float: return {{"N", value.dump()}};
    case json::value_t::object: return {{"M", to_item(value)}};
    case json::value_t::array: {
      auto list = json::array();
      for (const auto& element : value) list.push_back(to_attribute(element));
      return {{"L", list}};
    }
    default: return {{"NULL", true}};
  }
}

Result<json> from_attribute(const json& attribute) {
  if (!attribute.is_object() || attribute.size() != 1) return odd();
  const auto& kind = attribute.begin().key();
  const auto& value = attribute.begin().value();
  if (kind == "S" && value.is_string()) return value;
  if (kind == "BOOL" && value.is_boolean()) return value;
  if (kind == "NULL") return json(nullptr);
  if (kind == "N") return from_number(value);
  if (kind == "L") return from_list(value);
  if (kind == "M") return from_item(value);
  return odd();
}

json to_item(const json& object) {
  auto item = json::object();
  for (const auto& [name, value] : object.items())
    if (!value.is_null()) item[name] = to_attribute(value);
  return item;
}

Result<json> from_item(const json& item) {
  if (!item.is_object()) return odd();
  auto object = json::object();
  for (const auto& [name, value] : item.items()) object[name] = TRY(from_attribute(value));
  return object;
}

}  // namespace aircheck::aws
