#include "lambda/gateway_event.hpp"

#include <algorithm>

#include "aws/sigv4.hpp"
#include "base/json.hpp"
#include "base/text.hpp"

namespace aircheck::lambda {
namespace {

using nlohmann::json;

// Absent, null or of another type: an empty object.
const json& object_member(const json& event, const char* name) {
  static const json kNone = json::object();
  const auto& found = member(event, name);
  return found.is_object() ? found : kNone;
}

// The gateway hands names and values decoded; our routes want them as they were sent.
std::string query_of(const json& event) {
  aws::Pairs pairs;
  for (const auto& [name, values] : object_member(event, "multiValueQueryStringParameters").items())
    for (const auto& value : values)
      if (value.is_string()) pairs.emplace_back(name, value.get<std::string>());
  if (pairs.empty())
    for (const auto& [name, value] : object_member(event, "queryStringParameters").items())
      if (value.is_string()) pairs.emplace_back(name, value.get<std::string>());
  return aws::encode_query(std::move(pairs));
}

json to_event(int status, const api::Headers& headers, const std::string& body) {
  auto fields = json::object();
  for (const auto& [name, value] : headers) fields[name] = value;
  return {{"statusCode", status}, {"headers", fields}, {"body", body}, {"isBase64Encoded", false}};
}

std::string text_of(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

}  // namespace

Result<api::Request> request_from_event(std::string_view text) {
  const auto event = json::parse(text, nullptr, false);
  if (!event.is_object()) return fail(ErrorKind::invalid_input, "the event is no JSON object");
  api::Request request{.method = text_member(event, "httpMethod"), .path = text_member(event, "path")};
  if (request.method.empty() || !request.path.starts_with('/'))
    return fail(ErrorKind::invalid_input, "the event is none of API Gateway's");
  request.query = query_of(event);
  for (const auto& [name, value] : object_member(event, "headers").items())
    if (value.is_string()) request.headers[lower(name)] = value.get<std::string>();
  const auto encoded = event.find("isBase64Encoded");
  if (encoded != event.end() && *encoded == true)
    return fail(ErrorKind::unsupported, "the API takes JSON, not binary bodies");
  request.body = text_member(event, "body");
  return request;
}

void allow_origin(api::Response& response, const std::string& origin) {
  if (origin.empty()) return;
  response.headers["access-control-allow-origin"] = origin;
  response.headers["access-control-expose-headers"] = "ETag, Location, Content-Range, Content-Disposition";
  response.headers["vary"] = "Origin";
}

std::string event_response(const api::Response& response, bool is_head) {
  if (const auto* text = std::get_if<std::string>(&response.body))
    return text_of(to_event(response.status, response.headers, is_head ? std::string{} : *text));
  if (const auto* range = std::get_if<api::RecordingRange>(&response.body); range && is_head) {
    auto headers = response.headers;
    headers["content-length"] = std::to_string(range->length);
    return text_of(to_event(response.status, headers, ""));
  }
  const auto none = api::problem(404, "This deployment sends no events; ask for the jobs from time to time.");
  return text_of(to_event(none.status, none.headers, std::get<std::string>(none.body)));
}

}  // namespace aircheck::lambda
