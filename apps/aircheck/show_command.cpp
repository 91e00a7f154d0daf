// aircheck show: everything about one job.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "aircheck/client.hpp"
#include "aircheck/commands.hpp"
#include "aircheck/report.hpp"
#include "core/job_json.hpp"

namespace aircheck::apps {
namespace {

struct ShowParameters {
  ClientOptions client;
  std::string id;
};

Result<Job> fetch(const ShowParameters& parameters) {
  auto client = TRY(Client::make(parameters.client));
  return client.show(TRY(client.full_id(parameters.id)));
}

int run_show(const ShowParameters& parameters) {
  const auto job = fetch(parameters);
  if (!job) return complain(job.error(), parameters.client.json);
  if (parameters.client.json) fmt::print("{}\n", to_json_text(*job));
  else fmt::print("{}", job_details(*job, standard_view()));
  return 0;
}

}  // namespace

void add_show(CLI::App& app, int& exit_code) {
  const auto parameters = std::make_shared<ShowParameters>();
  auto* const command = app.add_subcommand("show", "Show everything about a job")->group("Client of a server");
  command->add_option("id", parameters->id, "The job's id, or enough of its beginning")->required();
  add_client_options(*command, parameters->client);
  command->footer(
      "Examples:\n"
      "  aircheck show 0190f3e2-1a2b\n"
      "  aircheck show --json 0190f3e2-1a2b | jq .recordings");
  command->callback([parameters, &exit_code] { exit_code = run_show(*parameters); });
}

}  // namespace aircheck::apps
