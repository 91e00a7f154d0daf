#pragma once
// What the three Lambdas have in common: the ports on AWS, wired from the environment that Terraform sets.
//
//   AIRCHECK_TABLE, AIRCHECK_QUEUE_URL, AIRCHECK_DEAD_LETTER_URL, AIRCHECK_BUCKET      needed by all
//   AIRCHECK_PREFIX                                                                    of keys in the bucket; may be empty
//   AIRCHECK_CLUSTER, AIRCHECK_TASK_DEFINITION, AIRCHECK_SUBNETS, AIRCHECK_SECURITY_GROUPS   lists separated by commas
//   AIRCHECK_TOKEN                                                                     of the API; empty: open to all
//
// Single-threaded, made once per process.

#include <memory>
#include <string>

#include "aws/ecs_launcher.hpp"
#include "aws/lambda_runtime.hpp"
#include "aws/sqs_queue.hpp"
#include "cloud/account.hpp"

namespace aircheck::lambda {

struct Settings {
  std::string table, queue_url, dead_letter_url, token;
  cloud::Bucket bucket;
  aws::EcsOptions ecs;
};
/// `invalid_input` that names the variable that is missing.
Result<Settings> settings_from(const aws::Environment& environment);

struct Ports : cloud::Stores {
  explicit Ports(const Settings& settings);

  aws::SqsQueue queue;
  aws::EcsLauncher launcher;
};

/// The whole of a Lambda's main(): settings, ports, then `handle(ports, settings, event)` for each event.
int serve(const std::function<Result<std::string>(Ports&, const Settings&, const std::string&)>& handle);

}  // namespace aircheck::lambda
