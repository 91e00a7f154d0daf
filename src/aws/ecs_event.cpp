#include "aws/ecs_event.hpp"

#include "base/json.hpp"

namespace aircheck::aws {
using nlohmann::json;

std::string overridden_variable(const json& task, std::string_view variable) {
  for (const auto& container : member(member(task, "overrides"), "containerOverrides"))
    for (const auto& entry : member(container, "environment"))
      if (text_member(entry, "name") == variable) return text_member(entry, "value");
  return {};
}

std::optional<StoppedTask> stopped_task(std::string_view event) {
  const auto parsed = json::parse(event, nullptr, false);
  const auto& task = member(parsed, "detail");
  if (text_member(parsed, "source") != "aws.ecs" || text_member(task, "lastStatus") != "STOPPED") return {};
  StoppedTask stopped{.job_id = overridden_variable(task, kJobVariable),
                      .lease_owner = overridden_variable(task, kOwnerVariable)};
  if (stopped.job_id.empty() || stopped.lease_owner.empty()) return {};
  return stopped;
}

}  // namespace aircheck::aws
