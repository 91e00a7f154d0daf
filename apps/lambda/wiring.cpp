#include "lambda/wiring.hpp"

#include "base/log.hpp"
#include "cloud/variables.hpp"

namespace aircheck::lambda {
namespace {

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> out;
  while (!list.empty()) {
    const auto end = std::min(list.find(','), list.size());
    if (end > 0) out.emplace_back(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return out;
}

net::HttpOptions way_to_youtube(net::HttpOptions options, std::string_view proxies) {
  if (const auto list = split(proxies); !list.empty()) options.proxy = list.front();
  return options;
}

}  // namespace

Result<Settings> settings_from(const aws::Environment& environment) {
  cloud::Variables variables(environment);
  Settings settings{
      .table = variables.needed("AIRCHECK_TABLE"),
      .queue_url = variables.needed("AIRCHECK_QUEUE_URL"),
      .dead_letter_url = variables.needed("AIRCHECK_DEAD_LETTER_URL"),
      .token = variables.optional("AIRCHECK_TOKEN"),
      .token_parameter = variables.optional("AIRCHECK_TOKEN_PARAMETER"),
      .cors_origin = variables.optional("AIRCHECK_CORS_ORIGIN"),
      .proxy = variables.optional("AIRCHECK_PROXY"),
      .bucket = {.name = variables.needed("AIRCHECK_BUCKET"), .prefix = variables.optional("AIRCHECK_PREFIX")},
      .ecs = {.cluster = variables.optional("AIRCHECK_CLUSTER"),
              .task_definition = variables.optional("AIRCHECK_TASK_DEFINITION"),
              .subnets = split(variables.optional("AIRCHECK_SUBNETS")),
              .security_groups = split(variables.optional("AIRCHECK_SECURITY_GROUPS")),
              .spot = !variables.optional("AIRCHECK_SPOT").empty()}};
  TRY(variables.complete());
  return settings;
}

Ports::Ports(const Settings& settings)
    : Stores(settings.table, settings.bucket),
      watches(client, clock, settings.table),
      queue(client, {.queue_url = settings.queue_url, .dead_letter_url = settings.dead_letter_url}),
      launcher(client, settings.ecs),
      youtube(way_to_youtube(http, settings.proxy)) {}

ApiToken::Read token_source(aws::Client& client, const Settings& settings) {
  if (!settings.token_parameter.empty()) return read_parameter(client, settings.token_parameter);
  return [token = settings.token]() -> Result<std::string> {
    if (!token.empty()) return token;
    return fail(ErrorKind::unauthorized, "neither AIRCHECK_TOKEN nor AIRCHECK_TOKEN_PARAMETER is set");
  };
}

int serve(const std::function<Result<std::string>(Ports&, const Settings&, const aws::Invocation&)>& handle) {
  log::configure(log::Level::info, log::Format::json);
  const auto environment = aws::process_environment();
  const auto settings = settings_from(environment);
  std::unique_ptr<Ports> ports;
  aws::LambdaRuntime runtime(environment("AWS_LAMBDA_RUNTIME_API").value_or("127.0.0.1:9001"),
                             [&](const aws::Invocation& invocation) { return handle(*ports, *settings, invocation); });
  if (!settings) return runtime.refuse(settings.error());
  ports = std::make_unique<Ports>(*settings);
  return runtime.run();
}

}  // namespace aircheck::lambda
