#pragma once
// Starts each recorder as a task of ECS on Fargate. The claim's token is RunTask's client token: however often a start is
// repeated, there is one task. The task learns what it is for from AIRCHECK_JOB_ID and AIRCHECK_LEASE_OWNER. Thread-safe.

#include <string>
#include <vector>

#include "aws/client.hpp"
#include "core/ports.hpp"

namespace aircheck::aws {

struct EcsOptions {
  std::string cluster;          // name or ARN
  std::string task_definition;  // family, family:revision or ARN
  std::string container = "recorder";
  std::vector<std::string> subnets;
  std::vector<std::string> security_groups;
  bool spot = false;           // where Fargate Spot has room; Fargate where it has none
  bool public_address = true;  // without a NAT gateway a task reaches the outside by its own
};

class EcsLauncher final : public Launcher {
 public:
  /// Borrows the client.
  EcsLauncher(Client& client, EcsOptions options);

  /// `unavailable` when there is no capacity, `rate_limited` when RunTask is throttled: to be tried again.
  Result<void> start(const Job& job) override;
  /// By what ECS still remembers, about an hour: true when the task of this claim has stopped, false while it lives. Not
  /// known, and not asked, of one that was heard of in the first half of its lease: a task that has just stopped is told by stopped_task().
  std::optional<bool> is_dead(const Job& job) override;
  /// Nobody can signal a task; it looks at its job with each heartbeat.
  void nudge(const Job&) override {}

 private:
  enum class Capacity { fargate, spot };
  struct Outcome {
    bool started = false;
    std::string reasons;  // of ECS's, where it started none
  };
  Result<Outcome> run_task(const Job& job, Capacity capacity);
  Result<std::optional<bool>> has_stopped(const Job& job);
  bool lives_visibly(const Job& job) const;

  Client& client_;
  EcsOptions options_;
};

}  // namespace aircheck::aws
