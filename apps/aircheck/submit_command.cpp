// aircheck submit: hand streams to the server to be recorded.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "aircheck/client.hpp"
#include "aircheck/commands.hpp"
#include "aircheck/job_view.hpp"
#include "aircheck/recording_options.hpp"
#include "aircheck/report.hpp"
#include "core/job_json.hpp"

namespace aircheck::apps {
namespace {

struct SubmitParameters {
  ClientOptions client;
  std::vector<std::string> urls;
  Submission submission;
};

int run_submit(const SubmitParameters& parameters) {
  auto client = Client::make(parameters.client);
  if (!client) return complain(client.error(), parameters.client.json);
  int status = 0;
  for (const auto& url : parameters.urls) {
    auto submission = parameters.submission;
    submission.url = url;
    const auto job = client->submit(submission);
    if (!job) status = complain(job.error(), parameters.client.json);
    else if (parameters.client.json) fmt::print("{}\n", to_json_text(*job));
    else fmt::print("{}  {}\n", job->id, printable(job->url));
    if (!job && job.error().kind == ErrorKind::unavailable) break;  // it will not answer for the next one either
  }
  return status;
}

}  // namespace

void add_submit(CLI::App& app, int& exit_code) {
  const auto parameters = std::make_shared<SubmitParameters>();
  auto* const command = app.add_subcommand("submit", "Ask the server to record streams")->group("Client of a server");
  command->add_option("url", parameters->urls, "YouTube URLs; others where the server allows them")->required();
  command->add_option("--quality", parameters->submission.quality, "best, worst, or at most so many lines, such as 720")
      ->type_name("Q");
  command->add_option("--title", parameters->submission.title, "Name of the job until the stream's is known")
      ->type_name("TEXT");
  command->add_flag("--from-start", parameters->submission.from_start,
                    "Begin with the start of the broadcast, where it can still be had");
  add_duration(*command, "--from", parameters->submission.from,
               "Begin so long before now, such as 1h, where it can still be had");
  add_client_options(*command, parameters->client);
  command->footer(
      "Examples:\n"
      "  aircheck submit https://www.youtube.com/watch?v=jfKfPfyJRdk\n"
      "  aircheck submit --quality 720 https://www.youtube.com/@channel/live\n"
      "  aircheck submit --from 1h https://www.youtube.com/watch?v=jfKfPfyJRdk\n"
      "  id=$(aircheck submit --json URL | jq -r .id)");
  command->callback([parameters, &exit_code] { exit_code = run_submit(*parameters); });
}

}  // namespace aircheck::apps
