// aircheck repair: the holes of a finished recording, asked for once more.
#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <filesystem>
#include <memory>
#include <optional>

#include "aircheck/commands.hpp"
#include "aircheck/data_folder.hpp"
#include "aircheck/human.hpp"
#include "aircheck/job_id.hpp"
#include "aircheck/paths.hpp"
#include "aircheck/recorder_ports.hpp"
#include "aircheck/recording_options.hpp"
#include "aircheck/report.hpp"
#include "aircheck/signals.hpp"
#include "aircheck/terminal.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "core/job_json.hpp"
#include "core/stream_url.hpp"
#include "core/transitions.hpp"
#include "recorder/repair.hpp"

namespace aircheck::apps {
namespace {

namespace fs = std::filesystem;

constexpr int kSomeLeft = 3;

struct RepairParameters {
  std::string id;
  RecorderPlace place{.data = default_data_folder()};
  std::string server;  // only to say that it cannot be
  bool json = false;
  RecordingOptions recording;
};

// ---- what is asked for -----------------------------------------------------------------------------------------------

bool is_loopback(std::string_view server) {
  return server.empty() || server.find("//127.") != std::string_view::npos ||
         server.find("//localhost") != std::string_view::npos || server.find("//[::1]") != std::string_view::npos;
}

Result<void> check_place(const RepairParameters& parameters) {
  if (!parameters.place.in_account() && !is_loopback(parameters.server))
    return fail(ErrorKind::unsupported,
                "a recording is repaired where its job is kept: run this on the server's machine, with its --data");
  return {};
}

Result<std::unique_ptr<RecorderPorts>> open_place(RecorderPlace place) {
  if (place.in_account()) {
    place.data.clear();
    return RecorderPorts::open(place);
  }
  const auto data = fs::absolute(expand_home(place.data));
  if (std::error_code error; !fs::exists(data / "aircheck.db", error))
    return fail(ErrorKind::not_found,
                fmt::format("there is no database of jobs in {}. Name the server's folder with --data", data.string()));
  place.data = data.string();
  return RecorderPorts::open(place);
}

// Of a job with gaps.
Result<void> check_job(const Job& job) {
  if (job.status != JobStatus::completed)
    return fail(ErrorKind::conflict,
                fmt::format("the job is {}; only a COMPLETED one's recording can be repaired", to_string(job.status)));
  if (job.gaps.empty() || recorder::can_be_asked_for(job.gaps)) return {};
  return fail(ErrorKind::unsupported,
              "which segments are missing is not known: the recording was made by an older version, or in a way in "
              "which segments have no numbers");
}

Result<capture::StreamOptions> stream_of(const RepairParameters& parameters, const Job& job) {
  auto options = TRY(stream_options(parameters.recording));
  const auto url = TRY(parse_stream_url(job.url, {.allow_other_hosts = true, .allow_private_hosts = true}));
  options.url = job.url;
  options.quality = job.quality;
  options.direct = !url.youtube && job.url.substr(0, job.url.find_first_of("?#")).ends_with(".m3u8");
  return options;
}

// ---- how it goes -----------------------------------------------------------------------------------------------------

class Line {
 public:
  explicit Line(bool wanted) : wanted_(wanted && is_terminal(STDERR_FILENO)) {}
  ~Line() { clear(); }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  void show(const recorder::RepairProgress& progress) {
    constexpr milliseconds kBetweenLines{200};
    const auto now = net::Loop::now();
    if (!wanted_ || now - drawn_at_ < kBetweenLines) return;
    drawn_at_ = now;
    const auto text = progress.of_bytes > 0
                          ? fmt::format("writing: {} of {}", human_size(progress.bytes), human_size(progress.of_bytes))
                          : fmt::format("asking: {} of {} segments", progress.segments, progress.of_segments);
    fmt::print(stderr, "\r\x1b[K{}", text);
  }
  void clear() {
    if (drawn_at_ != net::SteadyTime{}) fmt::print(stderr, "\r\x1b[K");
    drawn_at_ = {};
  }

 private:
  bool wanted_;
  net::SteadyTime drawn_at_{};
};

std::string span_of(const Gap& gap) {
  return fmt::format("{} from {}", human_span(milliseconds{gap.end_ms - gap.start_ms}),
                     human_duration(milliseconds{gap.start_ms}));
}

void print_json(const Job& job, const std::vector<Gap>& filled, const std::optional<Error>& error) {
  nlohmann::json out{{"job", to_json(job)}, {"filled", nlohmann::json::array()}};
  for (const auto& gap : filled) out["filled"].push_back({{"start_ms", gap.start_ms}, {"end_ms", gap.end_ms}});
  if (error) out["error"] = {{"kind", to_string(error->kind)}, {"message", error->message}};
  fmt::print("{}\n", out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

void print_text(const Job& job, const std::vector<Gap>& filled) {
  for (const auto& gap : filled) fmt::print("filled {}\n", span_of(gap));
  for (const auto& gap : job.gaps) fmt::print("still missing {}: {}\n", span_of(gap), printable(gap.reason));
  if (job.gaps.empty()) fmt::print("nothing is missing\n");
}

void report(bool as_json, const Job& job, const std::vector<Gap>& filled, const std::optional<Error>& error) {
  if (as_json) return print_json(job, filled, error);
  print_text(job, filled);
  if (error) fmt::print(stderr, "aircheck: {}\n", printable(error->message));
}

// ---- the work --------------------------------------------------------------------------------------------------------

Result<recorder::Repaired> fill(const RepairParameters& parameters, const Job& job, RecordingStore& recordings,
                                int& ended_by) {
  const auto stream = TRY(stream_of(parameters, job));
  net::Loop loop(http_options(parameters.recording));
  const Signals signals(loop, {SIGTERM, SIGINT}, [&](int signal) { ended_by = signal; });
  Line line(!parameters.json);
  const auto ended = [&] {
    loop.run_once(milliseconds{0});
    return ended_by != 0;
  };
  return recorder::repair(
      loop, recordings, job,
      {.stream = stream, .on_progress = [&](const auto& progress) { line.show(progress); }, .ended = ended});
}

Result<int> repair(const RepairParameters& parameters, int& ended_by) {
  TRY(check_place(parameters));
  const auto ports = TRY(open_place(parameters.place));
  auto& jobs = ports->jobs();
  const auto id = TRY(full_job_id(parameters.id, [&](const JobQuery& query) { return jobs.list(query); }));
  auto job = TRY(jobs.get(id));
  log::set_job(id);
  TRY(check_job(job));
  if (job.gaps.empty()) {
    report(parameters.json, job, {}, {});
    return 0;
  }
  auto done = TRY(fill(parameters, job, ports->recordings(), ended_by));
  if (done.filled.empty() && done.error) return std::unexpected(*done.error);
  if (!done.filled.empty())
    job = TRY(update(jobs, id, [&](Job stored) {
      return repaired(std::move(stored), {.before = job.gaps, .after = done.gaps, .recordings = done.recordings});
    }));
  report(parameters.json, job, done.filled, done.error);
  return job.gaps.empty() ? 0 : kSomeLeft;
}

int run_repair(const RepairParameters& parameters) {
  std::signal(SIGXFSZ, SIG_IGN);  // a file size limit is a full disk, not a reason to die
  int ended_by = 0;
  const auto status = repair(parameters, ended_by);
  if (status) return *status;
  const auto exit_code = complain(status.error(), parameters.json);
  return ended_by != 0 ? 128 + ended_by : exit_code;
}

}  // namespace

void add_repair(CLI::App& app, int& exit_code) {
  const auto parameters = std::make_shared<RepairParameters>();
  auto* const command =
      app.add_subcommand("repair", "Fill the holes of a finished recording, as far as they are served");
  command->add_option("job", parameters->id, "The job's id, or enough of its beginning")->required();
  auto& place = parameters->place;
  command->add_option("--data", place.data, "Folder of the server that has recorded it, on this machine")
      ->type_name("DIR")
      ->capture_default_str();
  command->add_option("--store", place.store, "Where its recordings are, if not in that folder")
      ->type_name("s3://BUCKET/PREFIX");
  command->add_option("--table", place.table, "In an account: DynamoDB table of the jobs, instead of a folder")
      ->type_name("NAME");
  command->add_option("--bucket", place.bucket, "With --table: bucket of the recordings")->type_name("NAME");
  command->add_option("--prefix", place.prefix, "With --table: before the recordings' keys");
  add_bucket_flags(*command, place.flags);
  command->add_flag("--json", parameters->json, "For machines: the job and what was filled as JSON");
  command->add_option("--server", parameters->server)->group("");
  add_fetch_options(*command, parameters->recording, "Fetching");
  command->footer(
      "What was missing is asked for once more; YouTube serves it for hours after the end. The recording is made anew "
      "beside the old file and takes its place in one step; one in a bucket is read and put there again as a whole.\n"
      "Exit status: 0 nothing is missing any more, 1 failed, 2 usage, 3 some is still missing.\n\n"
      "Examples:\n"
      "  aircheck repair 0190f3e2-1a2b\n"
      "  aircheck repair 0190f3e2-1a2b --data /var/lib/aircheck\n"
      "  aircheck repair 0190f3e2-1a2b --table aircheck-jobs --bucket aircheck-recordings\n"
      "  aircheck repair --json 0190f3e2-1a2b | jq .job.gaps");
  command->callback([parameters, &exit_code] { exit_code = run_repair(*parameters); });
}

}  // namespace aircheck::apps
