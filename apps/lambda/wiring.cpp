#include "lambda/wiring.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include "base/log.hpp"

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

// Amazon Linux and Debian keep their certificates in different places, and curl only knows the one of its build.
net::HttpOptions http_options() {
  for (const auto* file : {"/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/certs/ca-certificates.crt"})
    if (::access(file, R_OK) == 0) return {.ca_file = file};
  return {};
}

}  // namespace

Result<Settings> settings_from(const aws::Environment& environment) {
  std::string missing;
  const auto needed = [&](const char* name) {
    auto value = environment(name).value_or("");
    if (value.empty()) missing += fmt::format("{}{}", missing.empty() ? "" : ", ", name);
    return value;
  };
  const auto optional = [&](const char* name) { return environment(name).value_or(""); };
  Settings settings{.table = needed("AIRCHECK_TABLE"),
                    .queue_url = needed("AIRCHECK_QUEUE_URL"),
                    .dead_letter_url = needed("AIRCHECK_DEAD_LETTER_URL"),
                    .bucket = needed("AIRCHECK_BUCKET"),
                    .prefix = optional("AIRCHECK_PREFIX"),
                    .token = optional("AIRCHECK_TOKEN"),
                    .ecs = {.cluster = optional("AIRCHECK_CLUSTER"),
                            .task_definition = optional("AIRCHECK_TASK_DEFINITION"),
                            .subnets = split(optional("AIRCHECK_SUBNETS")),
                            .security_groups = split(optional("AIRCHECK_SECURITY_GROUPS"))}};
  if (!missing.empty()) return fail(ErrorKind::invalid_input, "not set in the environment: " + missing);
  return settings;
}

Ports::Ports(const Settings& settings)
    : http(http_options()),
      client(credentials, {.http = http}),
      jobs(client, clock, settings.table),
      queue(client, {.queue_url = settings.queue_url, .dead_letter_url = settings.dead_letter_url}),
      recordings(client, {.bucket = settings.bucket, .prefix = settings.prefix}),
      launcher(client, settings.ecs) {}

int serve(const std::function<Result<std::string>(Ports&, const Settings&, const std::string&)>& handle) {
  log::configure(log::Level::info, log::Format::json);
  const auto environment = aws::process_environment();
  const auto settings = settings_from(environment);
  std::unique_ptr<Ports> ports;
  aws::LambdaRuntime runtime(
      environment("AWS_LAMBDA_RUNTIME_API").value_or("127.0.0.1:9001"),
      [&](const aws::Invocation& invocation) { return handle(*ports, *settings, invocation.event); });
  if (!settings) return runtime.refuse(settings.error());
  ports = std::make_unique<Ports>(*settings);
  return runtime.run();
}

}  // namespace aircheck::lambda
