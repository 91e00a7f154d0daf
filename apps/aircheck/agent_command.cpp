// aircheck agent: records an AWS account's jobs from here.
#include <CLI/CLI.hpp>
#include <memory>

#include "aircheck/agent.hpp"
#include "aircheck/commands.hpp"
#include "aircheck/paths.hpp"

namespace aircheck::apps {
namespace {

constexpr auto kAgentFooter =
    "Whoever takes a job's message starts its recorder: switch the account's own dispatcher off (Terraform's variable\n"
    "launcher), or both take jobs. Credentials, region and endpoint are the usual AWS_... variables. Ctrl-C or "
    "SIGTERM\n"
    "ends the agent; its recordings are left for other recorders, which go on with them.\n\n"
    "Example:\n"
    "  AIRCHECK_TABLE=aircheck AIRCHECK_BUCKET=my-recordings AIRCHECK_QUEUE_URL=https://sqs... aircheck agent";

}  // namespace

void add_agent(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<AgentOptions>();
  options->data = (data_home() / "aircheck-agent").string();
  auto& command = *app.add_subcommand("agent", "Record an AWS account's jobs from this machine");
  command.add_option("--table", options->table, "DynamoDB table of the jobs")->type_name("NAME")->required();
  command.add_option("--bucket", options->bucket, "Bucket of the recordings")->type_name("NAME")->required();
  command.add_option("--prefix", options->prefix, "Before the recordings' keys")->type_name("PREFIX");
  command.add_option("--queue-url", options->queue_url, "SQS queue to take jobs from")->type_name("URL")->required();
  command.add_option("--dead-letter-url", options->dead_letter_url, "Its dead-letter queue")->type_name("URL");
  command.add_option("--data", options->data, "Folder for logs and process ids")
      ->type_name("DIR")
      ->capture_default_str();
  command.add_option("--max-recordings", options->max_recordings, "How many at once")
      ->type_name("N")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  command.add_option("--prices", options->prices, "Other prices than us-east-1's: vcpu_hour=0.046,s3_gb_month=0.0245")
      ->type_name("LIST");
  add_duration(command, "--reconcile-every", options->reconcile_every, "How often lost recordings are looked for");
  command.add_flag("--allow-any-host", options->allow_any_host, "Take a URL that ends in .m3u8 as a playlist");
  add_bucket_flags(command, options->flags);
  add_recording_options(command, options->recording);
  command.footer(kAgentFooter);
  command.callback([options, &exit_code] { exit_code = run_agent(*options); });
}

}  // namespace aircheck::apps
