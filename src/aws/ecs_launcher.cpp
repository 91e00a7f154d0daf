#include "aws/ecs_launcher.hpp"

#include <fmt/core.h>

#include "aws/ecs_event.hpp"
#include "aws/json_call.hpp"
#include "base/json.hpp"
#include "base/log.hpp"

namespace aircheck::aws {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestToken = 64;  // of RunTask's clientToken

json list_member(const json& object, std::string_view name) {
  const auto& found = member(object, name);
  return found.is_array() ? found : json::array();
}

std::string as_token(std::string owner, bool spot) {
  if (spot) owner += ":spot";  // a token stands for one way of asking
  return owner.size() <= kLongestToken ? owner : sha256_hex(as_bytes(owner));
}

}  // namespace

EcsLauncher::EcsLauncher(Client& client, EcsOptions options) : client_(client), options_(std::move(options)) {}

Result<EcsLauncher::Outcome> EcsLauncher::run_task(const Job& job, Capacity capacity) {
  const bool spot = capacity == Capacity::spot;
  const json environment = {{{"name", kJobVariable}, {"value", job.id}},
                            {{"name", kOwnerVariable}, {"value", job.lease_owner}}};
  const json container{{"name", options_.container}, {"environment", environment}};
  const json network{{"subnets", options_.subnets},
                     {"securityGroups", options_.security_groups},
                     {"assignPublicIp", options_.public_address ? "ENABLED" : "DISABLED"}};
  json request{{"cluster", options_.cluster},
               {"taskDefinition", options_.task_definition},
               {"count", 1},
               {"clientToken", as_token(job.lease_owner, spot)},
               {"startedBy", job.id},
               {"networkConfiguration", {{"awsvpcConfiguration", network}}},
               {"overrides", {{"containerOverrides", json::array({container})}}}};
  if (spot) request["capacityProviderStrategy"] = json::array({{{"capacityProvider", "FARGATE_SPOT"}, {"weight", 1}}});
  else request["launchType"] = "FARGATE";
  const auto answer = TRY(json_of(client_, kEcs, "RunTask", request));
  Outcome outcome{.started = !list_member(answer, "tasks").empty(), .reasons = {}};
  for (const auto& failure : list_member(answer, "failures"))
    outcome.reasons += (outcome.reasons.empty() ? "" : "; ") + text_member(failure, "reason");
  return outcome;
}

Result<void> EcsLauncher::start(const Job& job) {
  if (options_.spot) {
    const auto outcome = TRY(run_task(job, Capacity::spot));
    if (outcome.started) return {};
    // ECS has said that it started none, so asking otherwise cannot make two.
    log::info("job {}: no room on Fargate Spot ({}), so it gets Fargate", job.id, outcome.reasons);
  }
  const auto outcome = TRY(run_task(job, Capacity::fargate));
  if (outcome.started) return {};
  return fail(ErrorKind::unavailable,
              fmt::format("ECS started no task: {}", outcome.reasons.empty() ? "no reason" : outcome.reasons));
}

Result<std::optional<bool>> EcsLauncher::has_stopped(const Job& job) {
  for (const bool stopped : {false, true}) {
    const auto listed = TRY(json_of(
        client_, kEcs, "ListTasks",
        {{"cluster", options_.cluster}, {"startedBy", job.id}, {"desiredStatus", stopped ? "STOPPED" : "RUNNING"}}));
    const auto arns = list_member(listed, "taskArns");
    if (arns.empty()) continue;
    const auto described =
        TRY(json_of(client_, kEcs, "DescribeTasks", {{"cluster", options_.cluster}, {"tasks", arns}}));
    for (const auto& task : list_member(described, "tasks"))
      if (overridden_variable(task, kOwnerVariable) == job.lease_owner)
        return text_member(task, "lastStatus") == "STOPPED";
  }
  return std::optional<bool>{};
}

// ECS answers few questions a second, and ten thousand recorders may live: only those are asked about that have let half of
// their lease go by in silence. One that has no heartbeat yet has not begun.
bool EcsLauncher::lives_visibly(const Job& job) const {
  if (!job.heartbeat_at || !job.lease_expires_at) return false;
  return client_.now() - *job.heartbeat_at < (*job.lease_expires_at - *job.heartbeat_at) / 2;
}

std::optional<bool> EcsLauncher::is_dead(const Job& job) {
  if (job.lease_owner.empty() || lives_visibly(job)) return {};
  const auto stopped = has_stopped(job);
  if (stopped) return *stopped;
  log::warn("ECS does not tell whether the recorder of {} lives: {}", job.id, stopped.error().message);
  return {};
}

}  // namespace aircheck::aws
