#pragma once
// What the three Lambdas have in common: the ports on AWS, wired from the environment that Terraform sets.
//
//   AIRCHECK_TABLE, AIRCHECK_QUEUE_URL, AIRCHECK_DEAD_LETTER_URL, AIRCHECK_BUCKET      needed by all
//   AIRCHECK_PREFIX                                                                    of keys in the bucket; may be empty
//   AIRCHECK_CLUSTER, AIRCHECK_TASK_DEFINITION, AIRCHECK_SUBNETS, AIRCHECK_SECURITY_GROUPS   lists separated by commas
//   AIRCHECK_PROXY                                                                     the way to YouTube; of several the first
//   AIRCHECK_SPOT                                                                      not empty: tasks run on Spot where it has room
//   AIRCHECK_TOKEN, AIRCHECK_TOKEN_PARAMETER                                           the API's token, or SSM's parameter with it
//   AIRCHECK_CORS_ORIGIN                                                               of the dashboard; empty: no other origin
//
// Single-threaded, made once per process.

#include <memory>
#include <string>

#include "aws/dynamo_watches.hpp"
#include "aws/ecs_launcher.hpp"
#include "aws/lambda_runtime.hpp"
#include "aws/sqs_queue.hpp"
#include "cloud/account.hpp"
#include "lambda/api_token.hpp"

namespace aircheck::lambda {

struct Settings {
  std::string table, queue_url, dead_letter_url, token, token_parameter, cors_origin, proxy;
  cloud::Bucket bucket;
  aws::EcsOptions ecs;
};
/// `invalid_input` that names the variable that is missing.
Result<Settings> settings_from(const aws::Environment& environment);

struct Ports : cloud::Stores {
  explicit Ports(const Settings& settings);

  aws::DynamoWatches watches;
  aws::SqsQueue queue;
  aws::EcsLauncher launcher;
  net::HttpOptions youtube;  // how YouTube is reached
};

/// What `settings` name; `unauthorized` where they name nothing. Borrows the client.
ApiToken::Read token_source(aws::Client& client, const Settings& settings);

/// The whole of a Lambda's main(): settings, ports, then `handle(ports, settings, invocation)` for each event.
int serve(const std::function<Result<std::string>(Ports&, const Settings&, const aws::Invocation&)>& handle);

}  // namespace aircheck::lambda
