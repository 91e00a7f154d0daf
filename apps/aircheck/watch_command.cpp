// aircheck watch: follow one job until it ends, or all that have not ended until Ctrl-C. Asks once a second: that works
// against every server and through every proxy. Its subcommands are about watched channels (watch_channel_commands.cpp).
#include <fmt/core.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <thread>

#include "aircheck/client.hpp"
#include "aircheck/commands.hpp"
#include "aircheck/progress_line.hpp"
#include "aircheck/report.hpp"
#include "aircheck/watch_commands.hpp"
#include "core/job_json.hpp"

namespace aircheck::apps {
namespace {

constexpr milliseconds kInterval{1'000};
constexpr int kMostFailures = 10;  // in a row, before giving up on the server

struct WatchParameters {
  ClientOptions client;
  std::string id;
};

// Redraws a block of lines in place on a terminal.
class Screen {
 public:
  void draw(const std::string& text) {
    if (lines_ > 0) fmt::print("\x1b[{}A", lines_);
    fmt::print("\r\x1b[J{}", text);
    std::fflush(stdout);
    lines_ = std::count(text.begin(), text.end(), '\n');
  }

 private:
  std::ptrdiff_t lines_ = 0;
};

class Follower {
 public:
  Follower(Client client, std::string id, bool json)
      : client_(std::move(client)), id_(std::move(id)), json_(json), terminal_(!json && is_terminal(STDOUT_FILENO)) {}

  int run() {
    for (;; std::this_thread::sleep_for(kInterval)) {
      const auto jobs = fetch();
      if (!jobs) {
        // A server that restarts is waited for; a wrong id or token is not.
        const bool may_come_back = seen_ && is_transient(jobs.error().kind) && ++failures_ < kMostFailures;
        if (!may_come_back) return complain(jobs.error(), json_);
        continue;
      }
      seen_ = true;
      failures_ = 0;
      show(*jobs);
      if (!id_.empty() && is_terminal(jobs->front().status))
        return jobs->front().status == JobStatus::completed ? 0 : 1;
    }
  }

 private:
  Result<std::vector<Job>> fetch() {
    if (id_.empty()) return TRY(client_.list({.limit = 50})).jobs;
    auto job = TRY(client_.show(id_));
    return std::vector{std::move(job)};
  }

  void show(const std::vector<Job>& jobs) {
    if (json_) return print_changes(jobs, [](const Job& job) { return to_json_text(job); });
    auto view = standard_view();
    if (terminal_) {
      view.width -= 1;  // a filled last column would break the line
      return screen_.draw(id_.empty() ? table(jobs, view) : job_line(jobs.front(), view) + "\n");
    }
    view.width = 1000;
    print_changes(jobs,
                  [&](const Job& job) { return (id_.empty() ? short_id(job.id) + "  " : "") + job_line(job, view); });
  }

  // As many as fit on the screen: the newest.
  static std::string table(const std::vector<Job>& jobs, const View& view) {
    const auto rows = std::max<std::size_t>(terminal_height(STDOUT_FILENO), 6) - 3;
    return job_table(std::span(jobs).first(std::min(jobs.size(), rows)), view);
  }

  // Jobs whose state is new, and the others every ten seconds.
  template <class Format>
  void print_changes(const std::vector<Job>& jobs, Format&& format) {
    const auto now = std::chrono::steady_clock::now();
    const bool all = json_ || now - printed_at_ >= kPlainInterval;
    if (all) printed_at_ = now;
    for (const auto& job : jobs) {
      const auto known =
          std::find_if(printed_.begin(), printed_.end(), [&](const Job& old) { return old.id == job.id; });
      const bool same = known != printed_.end() && (all ? known->version == job.version : known->status == job.status);
      if (same) continue;
      fmt::print("{}\n", format(job));
      if (known == printed_.end()) printed_.push_back(job);
      else *known = job;
    }
    std::fflush(stdout);
  }

  Client client_;
  std::string id_;
  bool json_;
  bool terminal_;
  Screen screen_;
  std::vector<Job> printed_;
  std::chrono::steady_clock::time_point printed_at_{};
  bool seen_ = false;
  int failures_ = 0;
};

Result<Follower> begin(const WatchParameters& parameters) {
  auto client = TRY(Client::make(parameters.client));
  auto id = parameters.id.empty() ? std::string{} : TRY(client.full_id(parameters.id));
  return Follower(std::move(client), std::move(id), parameters.client.json);
}

int run_watch(const WatchParameters& parameters) {
  ::signal(SIGPIPE, SIG_DFL);  // `aircheck watch | head` ends with head
  auto follower = begin(parameters);
  return follower ? follower->run() : complain(follower.error(), parameters.client.json);
}

}  // namespace

void add_watch(CLI::App& app, int& exit_code) {
  const auto parameters = std::make_shared<WatchParameters>();
  auto* const command = app.add_subcommand("watch", "Follow a job until it ends, or all jobs; or watch channels")
                            ->group("Client of a server");
  command->add_option("job", parameters->id, "The job's id, or enough of its beginning; all jobs without");
  add_client_options(*command, parameters->client);
  add_watch_add(*command, parameters->client, exit_code);
  add_watch_list(*command, parameters->client, exit_code);
  add_watch_remove(*command, parameters->client, exit_code);
  command->footer(
      "Watching a job ends with it: exit status 0 when it was completed, else 1. With --json each change is a line. "
      "The "
      "commands\nare about channels that are recorded whenever they go live.\n\n"
      "Examples:\n"
      "  aircheck watch\n"
      "  aircheck watch 0190f3e2-1a2b && echo done\n"
      "  aircheck watch --json | jq '{id, status, bytes}'\n"
      "  aircheck watch add @NASA --title 'launch|landing'");
  command->callback([parameters, command, &exit_code] {
    if (command->get_subcommands().empty()) exit_code = run_watch(*parameters);
  });
}

}  // namespace aircheck::apps
