// aircheck recorder: what `serve` starts for each job. Hidden, for nobody types it; it outlives the server.
#include <fmt/core.h>
#include <signal.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <filesystem>
#include <memory>

#include "aircheck/commands.hpp"
#include "aircheck/recording_options.hpp"
#include "aircheck/signals.hpp"
#include "base/log.hpp"
#include "files/folder_store.hpp"
#include "recorder/job_runner.hpp"
#include "sqlite/jobs.hpp"

namespace aircheck::apps {
namespace {

struct Parameters {
  std::string data;
  bool allow_any_host = false;
  recorder::JobRunnerOptions job;
  RecordingOptions recording;
};

int run(Parameters& parameters) {
  log::set_job(parameters.job.job_id);
  std::signal(SIGXFSZ, SIG_IGN);  // a file size limit is a full disk, not a reason to die
  auto stream = stream_options(parameters.recording);
  if (!stream) {
    log::error("{}", stream.error().message);
    return 2;
  }
  parameters.job.stream = std::move(*stream);
  parameters.job.allow_direct = parameters.allow_any_host;
  net::Loop loop(http_options(parameters.recording));
  recorder::JobRunner* runner = nullptr;
  bool leave = false;
  const Signals signals(loop, {SIGTERM, SIGINT, SIGUSR1}, [&](int signal) {
    if (signal == SIGUSR1 && runner) return runner->nudge();
    if (signal == SIGUSR1) return;
    leave = true;
    if (runner) runner->leave();
  });
  const std::filesystem::path data = parameters.data;
  const SystemClock clock;
  auto jobs = sqlite::SqliteJobs::open((data / "aircheck.db").string(), clock);
  if (!jobs) {
    log::error("{}", jobs.error().message);
    return 1;
  }
  files::FolderStore recordings(data);
  recorder::JobRunner job(loop, **jobs, recordings, clock, parameters.job);
  runner = &job;
  return job.run();
}

}  // namespace

void add_recorder(CLI::App& app, int& exit_code) {
  const auto parameters = std::make_shared<Parameters>();
  auto* const command = app.add_subcommand("recorder", "Record one claimed job (started by serve)")->group("");
  command->add_option("--data", parameters->data, "Folder of the database and the recordings")->required();
  command->add_option("--job", parameters->job.job_id, "Id of the job")->required();
  command->add_option("--owner", parameters->job.owner, "Token under which it was claimed")->required();
  command->add_flag("--allow-any-host", parameters->allow_any_host, "Take a URL that ends in .m3u8 as a playlist");
  add_recording_options(*command, parameters->recording);
  command->callback([parameters, &exit_code] { exit_code = run(*parameters); });
}

}  // namespace aircheck::apps
