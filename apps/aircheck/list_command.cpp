// aircheck list: the server's jobs, newest first.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "aircheck/client.hpp"
#include "aircheck/commands.hpp"
#include "aircheck/report.hpp"
#include "core/job_json.hpp"

namespace aircheck::apps {
namespace {

constexpr std::size_t kPage = 200;  // the most that the server gives at once

struct ListParameters {
  ClientOptions client;
  std::vector<std::string> statuses;
  std::string search;
  std::size_t limit = 20;
};

Result<JobQuery> query_of(const ListParameters& parameters) {
  JobQuery query{.search = parameters.search};
  for (auto name : parameters.statuses) {
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    const auto status = job_status_from(name);
    if (!status)
      return fail(ErrorKind::invalid_input,
                  fmt::format("there is no status '{}'. It is one of pending, started, waiting, recording, uploading, "
                              "completed, failed, cancelled",
                              name));
    query.statuses.push_back(*status);
  }
  return query;
}

Result<std::vector<Job>> fetch(Client& client, JobQuery query, std::size_t limit) {
  std::vector<Job> jobs;
  while (jobs.size() < limit) {
    query.limit = std::min(kPage, limit - jobs.size());
    auto page = TRY(client.list(query));
    std::move(page.jobs.begin(), page.jobs.end(), std::back_inserter(jobs));
    if (page.next.empty()) break;
    query.cursor = std::move(page.next);
  }
  return jobs;
}

Result<std::vector<Job>> fetch(const ListParameters& parameters) {
  auto query = TRY(query_of(parameters));
  auto client = TRY(Client::make(parameters.client));
  return fetch(client, std::move(query), parameters.limit);
}

void print_json(const std::vector<Job>& jobs) {
  std::string text = "[";
  for (const auto& job : jobs) text += (text.size() == 1 ? "\n" : ",\n") + to_json_text(job);
  fmt::print("{}{}]\n", text, jobs.empty() ? "" : "\n");
}

int run_list(const ListParameters& parameters) {
  const auto jobs = fetch(parameters);
  if (!jobs) return complain(jobs.error(), parameters.client.json);
  if (parameters.client.json) print_json(*jobs);
  else fmt::print("{}", job_table(*jobs, standard_view()));
  return 0;
}

}  // namespace

void add_list(CLI::App& app, int& exit_code) {
  const auto parameters = std::make_shared<ListParameters>();
  auto* const command = app.add_subcommand("list", "List the server's jobs, newest first")->group("Client of a server");
  command->add_option("--status", parameters->statuses, "Only jobs in these states, such as recording,waiting")
      ->type_name("STATUS")
      ->delimiter(',');
  command->add_option("--search", parameters->search, "Only jobs whose title, channel or URL contains this")
      ->type_name("TEXT");
  command->add_option("-n,--limit", parameters->limit, "How many at most")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  add_client_options(*command, parameters->client);
  command->footer(
      "Examples:\n"
      "  aircheck list\n"
      "  aircheck list --status recording,waiting\n"
      "  aircheck list --json --status failed | jq -r '.[].id'");
  command->callback([parameters, &exit_code] { exit_code = run_list(*parameters); });
}

}  // namespace aircheck::apps
