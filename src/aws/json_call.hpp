#pragma once
// Calls of the services that speak JSON: DynamoDB, SQS, ECS. Stateless.

#include <nlohmann/json_fwd.hpp>
#include <stop_token>
#include <string_view>

#include "aws/client.hpp"

namespace aircheck::aws {

/// What the two protocols of AWS's JSON services differ in.
struct JsonService {
  std::string_view name;     // signing name
  std::string_view target;   // before the dot of X-Amz-Target
  std::string_view version;  // of "application/x-amz-json-…"
};
inline constexpr JsonService kDynamoDb{"dynamodb", "DynamoDB_20120810", "1.0"};
inline constexpr JsonService kSqs{"sqs", "AmazonSQS", "1.0"};
inline constexpr JsonService kEcs{"ecs", "AmazonEC2ContainerServiceV20141113", "1.1"};

/// The answer whatever its status; text that is no UTF-8 goes out with its bad bytes replaced.
Result<Answer> call_json(Client& client, const JsonService& service, std::string_view operation,
                         const nlohmann::json& input, std::stop_token stop = {});
/// The answer's object where only success will do; `corrupt` when it is none.
Result<nlohmann::json> json_of(Client& client, const JsonService& service, std::string_view operation,
                               const nlohmann::json& input, std::stop_token stop = {});

}  // namespace aircheck::aws
