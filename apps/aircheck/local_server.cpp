#include "aircheck/local_server.hpp"

#include <fmt/core.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <thread>

#include "aircheck/client.hpp"
#include "aircheck/data_folder.hpp"
#include "aircheck/end_signals.hpp"
#include "aircheck/paths.hpp"
#include "aircheck/report.hpp"
#include "aircheck/stream_check.hpp"
#include "aircheck/youtube_channels.hpp"
#include "base/log.hpp"
#include "capture/jitter.hpp"
#include "dispatch/dispatcher.hpp"
#include "dispatch/reconciler.hpp"
#include "dispatch/watcher.hpp"
#include "files/child_launcher.hpp"
#include "files/folder_store.hpp"
#include "server/server.hpp"
#include "sqlite/jobs.hpp"
#include "sqlite/queue.hpp"
#include "sqlite/watches.hpp"

namespace aircheck::apps {
namespace {

namespace fs = std::filesystem;

// What a recorder process is called with; the launcher adds the job and the token of its claim. The configuration file is
// left out: whatever becomes of it, recordings are made as the server was told to.
// Enough for 64 pages of the log and what a transaction writes beyond.
constexpr std::size_t kDatabaseReserve = 400 * 1024;

std::vector<std::string> recorder_arguments(const ServeOptions& options, const fs::path& data) {
  std::vector<std::string> arguments{"recorder", "--config=/dev/null", "--data=" + data.string()};
  if (!options.store.empty()) arguments.push_back("--store=" + options.store);
  const auto bucket = to_arguments(options.bucket);
  arguments.insert(arguments.end(), bucket.begin(), bucket.end());
  if (options.allow_any_host) arguments.emplace_back("--allow-any-host");
  const auto recording = to_arguments(options.recording);
  arguments.insert(arguments.end(), recording.begin(), recording.end());
  return arguments;
}

// Everything that one server consists of, in the order in which the parts need each other.
class LocalServer {
 public:
  static Result<std::unique_ptr<LocalServer>> open(const ServeOptions& options) {
    auto resolver =
        TRY(stream_options(options.recording)).resolver;  // wrong ones are told now, not by the first recorder
    const auto token = TRY(read_token(options.token, options.token_file));
    auto folder = TRY(DataFolder::open(options.data));
    auto self = std::unique_ptr<LocalServer>(new LocalServer(options, std::move(folder)));
    TRY(self->open_recordings());
    TRY(self->open_stores());
    TRY(self->open_watches(std::move(resolver)));
    self->http_ = TRY(server::HttpServer::open(self->server_options(), self->context(token)));
    return self;
  }

  void run(const EndSignals& signals) {
    const std::jthread dispatch([this](std::stop_token stop) { dispatcher_->run(std::move(stop)); });
    const std::jthread reconcile([this](std::stop_token stop) { reconciler_->run(std::move(stop)); });
    const std::jthread watch([this](std::stop_token stop) { run_watcher(std::move(stop)); });
    const std::jthread http([this](std::stop_token stop) { http_->run(std::move(stop)); });
    fmt::print("{}\n", http_->address());
    std::fflush(stdout);
    log::info("jobs are in {}, recordings in {}", folder_.path().string(),
              options_.store.empty() ? folder_.path().string() : options_.store);
    signals.wait();
    say_what_goes_on();
  }

 private:
  LocalServer(const ServeOptions& options, DataFolder folder)
      : options_(options),
        folder_(std::move(folder)),
        launcher_({.arguments = recorder_arguments(options, folder_.path()),
                   .environment = {"AIRCHECK_TOKEN=", "AIRCHECK_TABLE="},  // less to steal; and their jobs are ours
                   .data = folder_.path()}),
        exists_(http_options(options.recording)) {}

  Result<void> open_recordings() {
    if (options_.store.empty()) {
      recordings_ = std::make_unique<files::FolderStore>(folder_.path());
      return {};
    }
    const auto bucket = TRY(bucket_from(options_.store, options_.bucket));
    account_.emplace();
    auto store =
        std::make_unique<aws::S3Store>(account_->client, cloud::bucket_options(bucket), cloud::writer_options(bucket));
    link_ = cloud::link_to(*store);
    media_origin_ = store->origin();
    recordings_ = std::move(store);
    return {};
  }

  Result<void> open_stores() {
    jobs_ = TRY(sqlite::SqliteJobs::open(folder_.database(), clock_, {.reserve = kDatabaseReserve}));
    queue_ = TRY(sqlite::SqliteQueue::open(folder_.database(), clock_));
    dispatch::DispatcherOptions limits;
    // On one machine a recorder renews its lease within a second of its claim: what a killed server left half done
    // need not wait for a minute.
    limits.lease = seconds{20};
    limits.visibility = seconds{40};
    if (options_.max_recordings != 0) limits.max_concurrent = options_.max_recordings;
    dispatcher_.emplace(dispatch::Dispatcher::Ports{*jobs_, *queue_, launcher_, clock_, &exists_, recordings_.get()},
                        limits);
    reconciler_.emplace(dispatch::Reconciler::Ports{*jobs_, *queue_, launcher_, clock_, recordings_.get(),
                                                    [this] { dispatcher_->nudge(); }},
                        dispatch::ReconcilerOptions{.pending_age = seconds{20}});
    return {};
  }

  Result<void> open_watches(capture::ResolverOptions resolver) {
    watches_ = TRY(sqlite::SqliteWatches::open(folder_.database(), clock_));
    channels_.emplace(http_options(options_.recording), std::move(resolver));
    dispatch::WatcherOptions rhythm;
    rhythm.interval = options_.watch_interval;
    rhythm.trouble.first = options_.watch_interval;
    rhythm.poll = std::min<milliseconds>(rhythm.poll, options_.watch_interval / 2);
    rhythm.chance = capture::jitter;
    watcher_.emplace(dispatch::Watcher::Ports{*watches_, *queue_, *channels_, clock_, [this] { dispatcher_->nudge(); }},
                     rhythm);
    return {};
  }

  // A question to YouTube may take minutes; the server's end does not wait for the answer.
  void run_watcher(std::stop_token stop) {
    const std::stop_callback interrupt(stop, [this] { channels_->interrupt(); });
    watcher_->run(std::move(stop));
  }

  server::ServerOptions server_options() const {
    return {.listen = options_.listen,
            .web_root = options_.web.empty() ? find_dashboard() : expand_home(options_.web).string(),
            .media_origin = media_origin_,
            .cors_origins = options_.cors_origins};
  }

  api::Context context(std::string token) {
    return {.jobs = *jobs_,
            .queue = *queue_,
            .recordings = *recordings_,
            .watches = *watches_,
            .changes = jobs_.get(),
            .clock = clock_,
            .urls = {.allow_other_hosts = options_.allow_any_host, .allow_private_hosts = options_.allow_private_hosts},
            .token = std::move(token),
            .on_submitted = [this] { dispatcher_->nudge(); },
            .on_change = [this](const Job& job) { wish_noted(job); },
            .version = AIRCHECK_VERSION,
            .recording_link = link_,
            .on_watched = [this] { watcher_->nudge(); }};
  }

  void say_what_goes_on() {
    const auto active =
        jobs_->list({.statuses = {JobStatus::started, JobStatus::recording, JobStatus::uploading}, .limit = 200});
    if (!active || active->jobs.empty()) return log::info("the server ends");
    log::info("the server ends; {} of its recordings go on, and the next server finds them again", active->jobs.size());
  }

  // The recorder looks at once; where there is none the reconciler acts in its stead.
  void wish_noted(const Job& job) {
    launcher_.nudge(job);
    reconciler_->nudge();
  }

  const ServeOptions& options_;
  DataFolder folder_;
  SystemClock clock_;
  std::optional<cloud::Account> account_;  // where recordings go into a bucket
  std::unique_ptr<RecordingStore> recordings_;
  std::function<Result<std::string>(const std::string&, const std::string&)> link_;
  std::string media_origin_;  // with a bucket: where those links lead
  files::ChildLauncher launcher_;
  OembedCheck exists_;
  std::unique_ptr<sqlite::SqliteJobs> jobs_;
  std::unique_ptr<sqlite::SqliteQueue> queue_;
  std::optional<dispatch::Dispatcher> dispatcher_;
  std::optional<dispatch::Reconciler> reconciler_;
  std::unique_ptr<sqlite::SqliteWatches> watches_;
  std::optional<YouTubeChannels> channels_;
  std::optional<dispatch::Watcher> watcher_;
  std::unique_ptr<server::HttpServer> http_;
};

}  // namespace

int serve(const ServeOptions& options) {
  const EndSignals signals;
  auto server = LocalServer::open(options);
  if (!server) return complain(server.error());
  (*server)->run(signals);
  return 0;
}

std::string find_dashboard() {
  const auto bin = own_program().parent_path();
  for (const auto& folder : {bin / "../../../web/out", bin / "../share/aircheck/web"}) {
    std::error_code error;
    if (fs::exists(folder / "index.html", error)) return fs::weakly_canonical(folder, error).string();
  }
  return {};
}

}  // namespace aircheck::apps
