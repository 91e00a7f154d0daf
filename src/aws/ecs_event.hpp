#pragma once
// What EventBridge tells of ECS's tasks ("ECS Task State Change"). Stateless.

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace aircheck::aws {

/// A recorder's task that has ended, by the environment that EcsLauncher gave it.
struct StoppedTask {
  std::string job_id;
  std::string lease_owner;
};

/// None for every other event, one of another's task and text that is no event.
std::optional<StoppedTask> stopped_task(std::string_view event);

inline constexpr std::string_view kJobVariable = "AIRCHECK_JOB_ID", kOwnerVariable = "AIRCHECK_LEASE_OWNER";

/// The variable as a task's overrides set it, as DescribeTasks and events tell them; empty where they do not.
std::string overridden_variable(const nlohmann::json& task, std::string_view variable);

}  // namespace aircheck::aws
