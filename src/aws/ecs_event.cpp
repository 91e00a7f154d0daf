#include "aws/ecs_event.hpp"

#include "base/json.hpp"

namespace aircheck::aws {
namespace {

using nlohmann::json;

const json& member(const json& object, std::string_view name) {
  static const json none;
  const auto found = object.is_object() ? object.find(name) : object.end();
  return found != object.end() ? *found : none;
}

std::string text(const json& object, std::string_view name) {
  const auto& value = member(object, name);
  return value.is_string() ? value.get<std::string>() : std::string{};
}

}  // namespace

std::string overridden_variable(const json& task, std::string_view variable) {
  for (const auto& container : member(member(task, "overrides"), "containerOverrides"))
    for (const auto& entry : member(container, "environment"))
      if (text(entry, "name") == variable) return text(entry, "value");
  return {};
}

std::optional<StoppedTask> stopped_task(std::string_view event) {
  const auto parsed = json::parse(event, nullptr, false);
  const auto& task = member(parsed, "detail");
  if (text(parsed, "source") != "aws.ecs" || text(task, "lastStatus") != "STOPPED") return {};
  StoppedTask stopped{.job_id = overridden_variable(task, kJobVariable),
                      .lease_owner = overridden_variable(task, kOwnerVariable)};
  if (stopped.job_id.empty() || stopped.lease_owner.empty()) return {};
  return stopped;
}

}  // namespace aircheck::aws
