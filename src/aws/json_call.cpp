#include "aws/json_call.hpp"

#include <fmt/core.h>

#include "base/json.hpp"

namespace aircheck::aws {

using nlohmann::json;

Result<Answer> call_json(Client& client, const JsonService& service, std::string_view operation, const json& input,
                         std::stop_token stop) {
  return client.call({.service = std::string(service.name),
                      .headers = {{"Content-Type", fmt::format("application/x-amz-json-{}", service.version)},
                                  {"X-Amz-Target", fmt::format("{}.{}", service.target, operation)}},
                      .body = input.dump(-1, ' ', false, json::error_handler_t::replace),
                      .stop = std::move(stop)});
}

Result<json> json_of(Client& client, const JsonService& service, std::string_view operation, const json& input,
                     std::stop_token stop) {
  const auto answer = TRY(call_json(client, service, operation, input, std::move(stop)));
  if (!answer.ok()) return wrap(to_error(answer), fmt::format("{} {}", service.name, operation));
  auto value = json::parse(answer.text().empty() ? "{}" : answer.text(), nullptr, false);
  if (!value.is_object())
    return fail(ErrorKind::corrupt, fmt::format("{} {} answered no JSON", service.name, operation));
  return value;
}

}  // namespace aircheck::aws
