#include "aircheck/doctor.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <memory>

#include "aircheck/human.hpp"
#include "aircheck/paths.hpp"
#include "capture/subprocess.hpp"
#include "net/loop.hpp"

namespace aircheck::apps {
namespace {

namespace fs = std::filesystem;
using capture::SubprocessResult;

constexpr std::string_view kYouTube = "https://www.youtube.com/generate_204";
constexpr std::int64_t kOldDays = 60, kVeryOldDays = 180;  // YouTube changes monthly
constexpr std::uintmax_t kLittleRoom = 20'000'000'000,
                         kNoRoom = 1'000'000'000;  // bytes; an hour of 1080p60 takes 3.2 GB
constexpr seconds kClockTolerance{30}, kClockWrong{300};

Result<SubprocessResult> run_program(std::vector<std::string> arguments) {
  net::Loop loop({});
  Result<SubprocessResult> outcome = fail(ErrorKind::internal, "not run");
  const capture::Subprocess process(loop, {.arguments = std::move(arguments), .time_limit = milliseconds{20'000}},
                                    [&](Result<SubprocessResult> result) {
                                      outcome = std::move(result);
                                      loop.stop();
                                    });
  loop.run();
  return outcome;
}

std::string first_line(std::string_view text) { return std::string(text.substr(0, text.find('\n'))); }

std::string yt_dlp_of(const RecordingOptions& options) {
  return options.yt_dlp.empty() ? find_yt_dlp() : options.yt_dlp;
}

// yt-dlp's own folder first: a virtual environment brings its runtime along.
std::string beside_yt_dlp(const RecordingOptions& options, const std::string& name) {
  const auto candidate = fs::path(yt_dlp_of(options)).parent_path() / name;
  std::error_code error;
  return candidate.has_parent_path() && fs::exists(candidate, error) ? candidate.string() : name;
}

// What this installation has for it: the Debian package a service, the image a variable. Empty: nothing of its own.
std::string own_remedy(const RecordingOptions& options) {
  std::error_code error;
  if (yt_dlp_of(options).starts_with("/opt/yt-dlp/"))
    return "start the container with AIRCHECK_YTDLP_UPDATE=1, or take a newer image";
  if (own_program() == "/usr/bin/aircheck" && fs::exists("/lib/systemd/system/aircheck-yt-dlp.service", error))
    return "run 'systemctl start aircheck-yt-dlp' as root (it needs the packages python3 and python3-pip-whl)";
  return {};
}

std::string remedy(const RecordingOptions& options, std::string otherwise) {
  auto own = own_remedy(options);
  return own.empty() ? std::move(otherwise) : std::move(own);
}

Finding check_yt_dlp(const RecordingOptions& options) {
  const auto program = yt_dlp_of(options);
  Finding finding{.name = "yt-dlp"};
  const auto result = run_program({program, "--ignore-config", "--version"});
  if (!result || result->exit_status != 0) {
    finding.health = Health::fail;
    finding.found =
        !result ? fmt::format("{} does not run: {}", program, result.error().message)
                : fmt::format("{} ends with status {}: {}", program, result->exit_status, first_line(result->error));
    finding.remedy =
        remedy(options,
               "run ./run build, or 'python3 -m venv V && V/bin/pip install yt-dlp yt-dlp-ejs deno' and give --yt-dlp "
               "V/bin/yt-dlp");
    return finding;
  }
  const auto version = first_line(result->output);
  finding.found = fmt::format("{} at {}", version, program);
  const auto released = release_day(version);
  if (!released) return finding;
  const auto days = std::chrono::floor<std::chrono::days>(system_now() - *released).count();
  finding.found = fmt::format("{}, {} days old, at {}", version, days, program);
  if (days <= kOldDays) return finding;
  finding.health = days > kVeryOldDays ? Health::fail : Health::warn;
  finding.remedy = "YouTube changes monthly: " +
                   remedy(options, fmt::format("update it, for instance with '{} install --upgrade yt-dlp yt-dlp-ejs'",
                                               beside_yt_dlp(options, "pip")));
  return finding;
}

struct Runtime {
  std::string_view program;
  int major, minor;
};
constexpr Runtime kRuntimes[] = {{"deno", 2, 3}, {"node", 22, 0}, {"qjs", 0, 0}};

Finding check_runtime(const RecordingOptions& options) {
  Finding finding{.name = "JavaScript"};
  std::string too_old;
  for (const auto& [name, major, minor] : kRuntimes) {
    const auto program = beside_yt_dlp(options, std::string(name));
    const auto result = run_program({program, name == "qjs" ? "--help" : "--version"});
    if (!result) continue;
    const auto version = first_line(result->output);
    if (version_at_least(version, major, minor) || name == "qjs") {
      finding.found =
          fmt::format("{} at {}", name == "qjs" ? "QuickJS" : version.substr(0, version.find(" (")), program);
      return finding;
    }
    too_old = fmt::format("{} is too old; ", version);
  }
  finding.health = Health::fail;
  finding.found = too_old + "no deno 2.3, node 22 or QuickJS found; yt-dlp needs one for YouTube";
  finding.remedy = remedy(options, "run ./run build, or 'pip install deno' beside yt-dlp");
  return finding;
}

// What the yt-dlp itself loads counts, and its verbose header lists that.
Finding check_ejs(const RecordingOptions& options) {
  Finding finding{.name = "yt-dlp-ejs"};
  const auto result = run_program({yt_dlp_of(options), "--ignore-config", "--verbose"});
  if (!result) {
    finding.health = Health::fail;
    finding.found = "not known: yt-dlp does not run";
    finding.remedy = "mend yt-dlp first";
    return finding;
  }
  const std::string_view text = result->error;
  if (const auto at = text.find("yt_dlp_ejs-"); at != std::string_view::npos) {
    finding.found = std::string(text.substr(at + 11, text.find_first_of(", \n", at) - at - 11));
    return finding;
  }
  finding.health = Health::warn;
  finding.found = "yt-dlp does not list it";
  finding.remedy = remedy(options, fmt::format("'{} install yt-dlp-ejs'", beside_yt_dlp(options, "pip")));
  return finding;
}

Finding check_disk(const std::string& data) {
  Finding finding{.name = "disk"};
  auto folder = fs::absolute(expand_home(data));
  std::error_code error;
  while (!fs::exists(folder, error) && folder.has_relative_path())
    folder = folder.parent_path();  // made when it is needed
  const auto space = fs::space(folder, error);
  if (error) {
    finding.health = Health::fail;
    finding.found = fmt::format("{}: {}", folder.string(), error.message());
    finding.remedy = "name another folder with --data";
    return finding;
  }
  finding.found = fmt::format("{} free in {}", human_size(space.available), folder.string());
  if (space.available >= kLittleRoom) return finding;
  finding.health = space.available < kNoRoom ? Health::fail : Health::warn;
  finding.remedy = "an hour of 1080p60 takes about 3 GB: make room, or name another folder with --data";
  return finding;
}

Finding check_clock(const net::HttpResponse& response, Instant now) {
  Finding finding{.name = "clock"};
  const auto theirs = parse_http_date(response.header("date"));
  if (!theirs) {
    finding.found = "not compared: the answer had no date";
    return finding;
  }
  const auto difference = std::chrono::abs(now - *theirs);
  finding.found = difference < seconds{2}
                      ? "right to the second"
                      : fmt::format("{} {}", human_span(difference), now < *theirs ? "slow" : "fast");
  if (difference < kClockTolerance) return finding;
  finding.health = difference > kClockWrong ? Health::fail : Health::warn;
  finding.remedy = "set the clock, for instance with 'timedatectl set-ntp true'";
  return finding;
}

Result<net::HttpResponse> ask_youtube(const RecordingOptions& options) {
  net::HttpRequest request{.url = std::string(kYouTube)};
  request.connect_timeout = request.total_timeout = milliseconds{8'000};
  return net::fetch_now(request, http_options(options));
}

Finding check_network(const Result<net::HttpResponse>& response, const RecordingOptions& options) {
  Finding finding{.name = "network"};
  const auto way =
      options.proxies.empty() ? std::string{} : " through " + capture::shown_proxy(options.proxies.front());
  if (!response) {
    finding.health = Health::fail;
    finding.found = fmt::format("www.youtube.com cannot be reached{}: {}", way, response.error().message);
    finding.remedy = response.error().kind == ErrorKind::unauthorized
                         ? "name the certificates to trust with --ca-file"
                         : "look at the network and the firewall, or give --proxy";
    return finding;
  }
  finding.found = fmt::format("www.youtube.com answers{}", way);
  if (response->status < 400 || response->status == 404) return finding;
  finding.health = response->status == 429 || response->status == 403 ? Health::warn : Health::fail;
  finding.found += fmt::format(" with status {}", response->status);
  finding.remedy = "this address may be blocked: use another with --proxy, or --cookies";
  return finding;
}

}  // namespace

std::string_view to_string(Health health) {
  return health == Health::ok ? "ok" : health == Health::warn ? "warn" : "fail";
}

std::vector<std::function<Finding()>> checks(const DoctorOptions& options) {
  const auto& recording = options.recording;
  auto answer = std::make_shared<Result<net::HttpResponse>>(fail(ErrorKind::internal, "not asked"));
  return {[&] { return check_yt_dlp(recording); },
          [&] { return check_runtime(recording); },
          [&] { return check_ejs(recording); },
          [&] { return check_disk(options.data); },
          [&recording, answer] { return check_network(*answer = ask_youtube(recording), recording); },
          [answer] {
            if (*answer) return check_clock(**answer, system_now());
            return Finding{.name = "clock",
                           .health = Health::warn,
                           .found = "not compared: no answer from outside",
                           .remedy = "mend the network first"};
          }};
}

std::optional<Instant> release_day(std::string_view version) {
  int parts[3] = {};
  for (auto& part : parts) {
    const auto [end, error] = std::from_chars(version.data(), version.data() + version.size(), part);
    if (error != std::errc{}) return {};
    version.remove_prefix(static_cast<std::size_t>(end - version.data()));
    if (version.starts_with('.')) version.remove_prefix(1);
  }
  return from_rfc3339(fmt::format("{:04}-{:02}-{:02}T00:00:00Z", parts[0], parts[1], parts[2]));
}

bool version_at_least(std::string_view text, int major, int minor) {
  const auto digit = text.find_first_of("0123456789");
  if (digit == std::string_view::npos) return false;
  text.remove_prefix(digit);
  int got[2] = {};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), got[0]);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (text.starts_with('.')) std::from_chars(text.data() + 1, text.data() + text.size(), got[1]);
  return got[0] > major || (got[0] == major && got[1] >= minor);
}

std::optional<Instant> parse_http_date(std::string_view text) {
  constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  // "Mon, 23 Nov 2026 08:02:11 GMT"
  if (text.size() != 29 || !text.ends_with(" GMT")) return {};
  const auto month = months.find(text.substr(8, 3));
  if (month == std::string_view::npos || month % 3 != 0) return {};
  return from_rfc3339(
      fmt::format("{}-{:02}-{}T{}Z", text.substr(12, 4), month / 3 + 1, text.substr(5, 2), text.substr(17, 8)));
}

}  // namespace aircheck::apps
