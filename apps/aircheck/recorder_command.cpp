// aircheck recorder: what `serve`, `agent` and ECS start for each job. Hidden, for nobody types it; it outlives the server.
// ECS tells all it needs by the environment: AIRCHECK_JOB_ID and AIRCHECK_LEASE_OWNER of the task, AIRCHECK_TABLE,
// AIRCHECK_BUCKET and AIRCHECK_PREFIX of the task definition.
#include <fmt/core.h>
#include <signal.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <filesystem>
#include <memory>

#include "aircheck/chat_scratch.hpp"
#include "aircheck/commands.hpp"
#include "aircheck/recorder_meter.hpp"
#include "aircheck/recorder_ports.hpp"
#include "aircheck/recording_options.hpp"
#include "aircheck/signals.hpp"
#include "base/log.hpp"
#include "recorder/job_runner.hpp"

namespace aircheck::apps {
namespace {

// A write to DynamoDB costs money, and a task that is lost is seen stopped by ECS long before its lease ends.
constexpr seconds kAccountHeartbeat{60}, kAccountLease{150};

struct RecorderParameters {
  RecorderPlace place;
  seconds heartbeat{0}, lease{0};  // 0: as fits the place
  std::string prices;
  bool allow_any_host = false;
  recorder::JobRunnerOptions job;
  RecordingOptions recording;
};

void set_rhythm(RecorderParameters& parameters) {
  auto& job = parameters.job;
  if (parameters.place.in_account()) {
    job.heartbeat = kAccountHeartbeat;
    job.lease = kAccountLease;
  }
  if (parameters.heartbeat.count() > 0) job.heartbeat = parameters.heartbeat;
  if (parameters.lease.count() > 0) job.lease = parameters.lease;
}

// Beside the recording in its folder; on its way into a bucket it needs a folder meanwhile, whose lack is no reason not to
// record.
std::unique_ptr<ChatScratch> set_chat(RecorderPorts& ports, RecorderParameters& parameters) {
  auto& job = parameters.job;
  if (!parameters.recording.chat) return {};
  if (!ports.bucket()) {
    job.chat_folder = std::filesystem::absolute(parameters.place.data).string();
    return {};
  }
  auto scratch = ChatScratch::make();
  if (!scratch) {
    log::warn("{}", scratch.error().message);
    return {};
  }
  job.chat_folder = (*scratch)->path();
  job.chat_store = chat_store(*ports.bucket());
  return *std::move(scratch);
}

// A recorder that works on an account says what it costs; one in a folder costs nothing.
std::unique_ptr<RecorderMeter> set_meter(const RecorderPorts& ports, const Prices& prices,
                                         RecorderParameters& parameters) {
  if (!ports.client()) return {};
  auto& job = parameters.job;
  auto meter = std::make_unique<RecorderMeter>(*ports.client(), prices, own_task_size(aws::process_environment()),
                                               parameters.place.table);
  job.cost = [meter = meter.get()](std::uint64_t stored) { return meter->cost(stored); };
  if (!parameters.place.in_account()) return meter;  // a server's log is read by people
  job.on_heartbeat = [meter = meter.get()](const Job& written) { meter->heartbeat(written); };
  job.on_end = [meter = meter.get()](const Job& noted) { meter->end(noted); };
  return meter;
}

int run_recorder(RecorderParameters& parameters) {
  log::set_job(parameters.job.job_id);
  std::signal(SIGXFSZ, SIG_IGN);  // a file size limit is a full disk, not a reason to die
  auto stream = stream_options(parameters.recording);
  const auto prices = prices_from(parameters.prices);
  if (!stream || !prices) {
    log::error("{}", (stream ? prices.error() : stream.error()).message);
    return 2;
  }
  parameters.job.stream = std::move(*stream);
  parameters.job.refill = !parameters.recording.no_refill;
  parameters.job.allow_direct = parameters.allow_any_host;
  set_rhythm(parameters);
  net::Loop loop(http_options(parameters.recording));
  recorder::JobRunner* runner = nullptr;
  const Signals signals(loop, {SIGTERM, SIGINT, SIGUSR1}, [&](int signal) {
    if (signal == SIGUSR1 && runner) return runner->nudge();
    if (signal == SIGUSR1) return;
    if (runner) runner->leave();
  });
  auto ports = RecorderPorts::open(parameters.place);
  if (!ports) {
    log::error("{}", ports.error().message);
    return ports.error().kind == ErrorKind::invalid_input ? 2 : 1;
  }
  const auto scratch = set_chat(**ports, parameters);
  const auto meter = set_meter(**ports, *prices, parameters);
  recorder::JobRunner job(loop, (*ports)->jobs(), (*ports)->recordings(), (*ports)->clock(), parameters.job);
  runner = &job;
  return job.run();
}

}  // namespace

void add_recorder(CLI::App& app, int& exit_code) {
  const auto parameters = std::make_shared<RecorderParameters>();
  auto* const command =
      app.add_subcommand("recorder", "Record one claimed job (started by serve, agent or ECS)")->group("");
  auto& place = parameters->place;
  command->add_option("--data", place.data, "Folder of the database and the recordings");
  command->add_option("--store", place.store, "s3://BUCKET/PREFIX of the recordings, instead of the folder");
  command->add_option("--table", place.table, "DynamoDB table of the jobs, instead of the folder");
  command->add_option("--bucket", place.bucket, "With --table: bucket of the recordings");
  command->add_option("--prefix", place.prefix, "With --table: before the recordings' keys");
  command->add_option("--job-id", parameters->job.job_id, "Id of the job")->required();
  command->add_option("--lease-owner", parameters->job.owner, "Token under which it was claimed")->required();
  add_duration(*command, "--heartbeat", parameters->heartbeat, "How often the lease is renewed");
  add_duration(*command, "--lease", parameters->lease, "How long it holds");
  command->add_option("--prices", parameters->prices,
                      "Other prices than us-east-1's: vcpu_hour=0.046,s3_gb_month=0.0245");
  command->add_flag("--allow-any-host", parameters->allow_any_host, "Take a URL that ends in .m3u8 as a playlist");
  add_bucket_flags(*command, place.flags);
  add_recording_options(*command, parameters->recording);
  command->callback([parameters, &exit_code] { exit_code = run_recorder(*parameters); });
}

}  // namespace aircheck::apps
