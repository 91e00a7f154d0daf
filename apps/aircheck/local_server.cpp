#include "aircheck/local_server.hpp"

#include <fmt/core.h>
#include <signal.h>

#include <filesystem>
#include <thread>

#include "aircheck/client.hpp"
#include "aircheck/data_folder.hpp"
#include "aircheck/paths.hpp"
#include "aircheck/report.hpp"
#include "aircheck/stream_check.hpp"
#include "base/log.hpp"
#include "files/folder_store.hpp"
#include "server/server.hpp"
#include "sqlite/jobs.hpp"
#include "sqlite/queue.hpp"

namespace aircheck::apps {
namespace {

namespace fs = std::filesystem;

// The signals that end the server, blocked in every thread and waited for by the first. One object, made before any thread.
class EndSignals {
 public:
  EndSignals() {
    ::sigemptyset(&set_);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&set_, signal);
    ::pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
  }
  void wait() const {
    int signal = 0;
    ::sigwait(&set_, &signal);
  }

 private:
  sigset_t set_{};
};

// Everything that one server consists of, in the order in which the parts need each other.
class LocalServer {
 public:
  static Result<std::unique_ptr<LocalServer>> open(const ServeOptions& options) {
    auto self = std::unique_ptr<LocalServer>(new LocalServer(options, TRY(DataFolder::open(options.data))));
    TRY(stream_options(options.recording));  // wrong ones are told now, not by the first recorder
    self->jobs_ = TRY(sqlite::SqliteJobs::open(self->folder_.database(), self->clock_));
    self->queue_ = TRY(sqlite::SqliteQueue::open(self->folder_.database(), self->clock_));
    self->recordings_ = std::make_unique<files::FolderStore>(self->folder_.path());
    self->http_ = TRY(server::HttpServer::open(self->server_options(), self->context(TRY(read_token(options.token, options.token_file)))));
    return self;
  }

  void run(const EndSignals& signals) {
    const std::jthread http([this](std::stop_token stop) { http_->run(stop); });
    fmt::print("{}\n", http_->address());
    std::fflush(stdout);
    log::info("recordings and jobs are in {}", folder_.path().string());
    signals.wait();
  }

 private:
  LocalServer(const ServeOptions& options, DataFolder folder) : options_(options), folder_(std::move(folder)) {}

  server::ServerOptions server_options() const {
    return {.listen = options_.listen,
            .web_root = options_.web.empty() ? find_dashboard() : expand_home(options_.web).string(),
            .cors_origins = options_.cors_origins};
  }

  api::Context context(std::string token) {
    return {.jobs = *jobs_,
            .queue = *queue_,
            .recordings = *recordings_,
            .changes = jobs_.get(),
            .clock = clock_,
            .urls = {.allow_other_hosts = options_.allow_any_host, .allow_private_hosts = options_.allow_private_hosts},
            .token = std::move(token),
            .version = AIRCHECK_VERSION};
  }

  const ServeOptions& options_;
  DataFolder folder_;
  SystemClock clock_;
  std::unique_ptr<sqlite::SqliteJobs> jobs_;
  std::unique_ptr<sqlite::SqliteQueue> queue_;
  std::unique_ptr<files::FolderStore> recordings_;
  std::unique_ptr<server::HttpServer> http_;
};

}  // namespace

int serve(const ServeOptions& options) {
  const EndSignals signals;
  auto server = LocalServer::open(options);
  if (!server) return complain(server.error());
  (*server)->run(signals);
  log::info("the server has ended; recordings under way go on");
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
