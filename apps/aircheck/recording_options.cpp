#include "aircheck/recording_options.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <utility>

#include "aircheck/human.hpp"
#include "aircheck/paths.hpp"

namespace aircheck::apps {
namespace {

namespace fs = std::filesystem;

const CLI::Validator kQuality(
    [](std::string& text) {
      const bool number =
          !text.empty() && text.size() <= 5 && text.find_first_not_of("0123456789") == std::string::npos;
      if (number || text == "best" || text == "worst") return std::string{};
      return fmt::format("'{}' is no quality: best, worst, or a number of lines such as 720", text);
    },
    "");

}  // namespace

void add_duration(CLI::App& app, const std::string& name, seconds& value, const std::string& description) {
  const auto read = [&value, name](const CLI::results_t& results) {
    const auto parsed = parse_duration(results.back());
    if (!parsed)
      throw CLI::ValidationError(name, fmt::format("'{}' is no duration such as 90s, 15m or 2h", results.back()));
    value = *parsed;
    return true;
  };
  app.add_option(name, read, description)->type_name("TIME")->default_str(fmt::format("{}s", value.count()));
}

void add_fetch_options(CLI::App& app, RecordingOptions& options, const std::string& group) {
  app.option_defaults()->group(group);
  app.add_option(
         "--proxy", options.proxies,
         "Proxy for everything: http://host:port, socks5h://host:port. Several, apart or separated by commas: the "
         "next takes over when one fails")
      ->type_name("URL")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_option("--ca-file", options.ca_file, "Certificates to trust instead of the system's (PEM)")
      ->type_name("FILE")
      ->check(CLI::ExistingFile);
  app.add_option("--yt-dlp", options.yt_dlp, "The yt-dlp to use; else the project's own, else the one in PATH")
      ->type_name("PATH");
  app.add_option("--yt-dlp-args", options.yt_dlp_args, "More arguments for yt-dlp, quoted as in a shell")
      ->type_name("ARGS");
  app.add_option("--cookies", options.cookies, "Cookies file for yt-dlp (members-only and age-restricted streams)")
      ->type_name("FILE")
      ->check(CLI::ExistingFile);
  add_duration(app, "--yt-dlp-timeout", options.yt_dlp_timeout, "Most time for one run of yt-dlp");
  add_duration(app, "--segment-timeout", options.segment_timeout, "Patience with a segment that cannot be fetched");
  app.option_defaults()->group("Options");
}

void add_recording_options(CLI::App& app, RecordingOptions& options) {
  app.option_defaults()->group("Recording");
  app.add_option("--quality", options.quality, "best, worst, or at most so many lines, such as 720")
      ->type_name("Q")
      ->check(kQuality)
      ->capture_default_str();
  app.add_flag("--from-start", options.from_start, "Begin with the start of the broadcast, where it can still be had");
  add_duration(app, "--from", options.from, "Begin so long before now, such as 1h, where it can still be had");
  app.add_flag("--chat", options.chat, "Live chat too, into a .live_chat.json beside the recording");
  app.add_flag("--no-refill", options.no_refill, "Leave what is missing at the end, rather than ask for it once more");
  add_fetch_options(app, options, "Recording");
  app.option_defaults()->group("Recording");
  add_duration(app, "--stall-timeout", options.stall_timeout,
               "Nothing new for so long: ask whether the stream is over");
  add_duration(app, "--gone-timeout", options.gone_timeout, "A playlist unreadable for so long is gone");
  add_duration(app, "--silence-limit", options.silence_limit,
               "End when a stream that is still live has brought nothing for so long; 0: never");
  app.option_defaults()->group("Options");
}

std::vector<std::string> to_arguments(const RecordingOptions& options) {
  std::vector<std::string> arguments;
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) arguments.push_back(fmt::format("--{}={}", name, value));
  };
  const auto absolute = [](const std::string& path) { return path.empty() ? path : fs::absolute(path).string(); };
  const auto add_time = [&](std::string_view name, seconds time) { add(name, std::to_string(time.count())); };
  add("quality", options.quality);
  add("from-start", options.from_start ? "true" : "false");
  add("chat", options.chat ? "true" : "false");
  add("no-refill", options.no_refill ? "true" : "false");
  add("proxy", fmt::format("{}", fmt::join(options.proxies, ",")));
  add("ca-file", absolute(options.ca_file));
  add("yt-dlp", options.yt_dlp.empty() ? find_yt_dlp() : options.yt_dlp);
  add("yt-dlp-args", options.yt_dlp_args);
  add("cookies", absolute(options.cookies));
  add_time("from", options.from);
  add_time("yt-dlp-timeout", options.yt_dlp_timeout);
  add_time("segment-timeout", options.segment_timeout);
  add_time("stall-timeout", options.stall_timeout);
  add_time("gone-timeout", options.gone_timeout);
  add_time("silence-limit", options.silence_limit);
  return arguments;
}

net::HttpOptions http_options(const RecordingOptions& options) {
  return {.proxy = options.proxies.empty() ? std::string{} : options.proxies.front(), .ca_file = options.ca_file};
}

Result<capture::StreamOptions> stream_options(const RecordingOptions& options) {
  auto words = TRY(split_words(options.yt_dlp_args));
  capture::StreamOptions stream;
  stream.quality = options.quality;
  stream.resolver = {.program = options.yt_dlp.empty() ? find_yt_dlp() : options.yt_dlp,
                     .extra_arguments = std::move(words),
                     .ca_file = options.ca_file,
                     .cookies_file = options.cookies,
                     .time_limit = options.yt_dlp_timeout};
  stream.proxies = options.proxies;
  stream.begin = {.at_start = options.from_start, .ago = options.from};
  stream.track.patience = options.segment_timeout;
  stream.stall_after = options.stall_timeout;
  stream.bar_for = 20 * stream.stall_after;
  stream.ask_again_after = std::min<milliseconds>(stream.ask_again_after, options.stall_timeout);
  stream.give_up_after = options.gone_timeout;
  stream.silence_limit = options.silence_limit;
  return stream;
}

std::string find_yt_dlp() {
  const auto above = own_program().parent_path().parent_path().parent_path();
  // Of build/<preset>/bin/aircheck, and of /usr/bin/aircheck as the Debian package has it.
  for (const auto* place : {"venv/bin/yt-dlp", "var/cache/aircheck/yt-dlp/current/bin/yt-dlp"})
    if (const auto bundled = above / place; ::access(bundled.c_str(), X_OK) == 0) return bundled.string();
  return "yt-dlp";
}

Result<std::vector<std::string>> split_words(std::string_view text) {
  std::vector<std::string> words;
  bool inside = false;  // of a word, an empty quoted one too
  char quote = 0;
  const auto letter = [&](char c) {
    if (!std::exchange(inside, true)) words.emplace_back();
    words.back() += c;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool escapes = c == '\\' && quote != '\'' && i + 1 < text.size();
    const bool opens = quote == 0 && (c == '\'' || c == '"');
    const bool separates = quote == 0 && (c == ' ' || c == '\t' || c == '\n');
    if (escapes) {
      letter(text[++i]);
    } else if (quote != 0 && c == quote) {
      quote = 0;
    } else if (opens) {
      quote = c;
      if (!std::exchange(inside, true)) words.emplace_back();
    } else if (separates) {
      inside = false;
    } else {
      letter(c);
    }
  }
  if (quote != 0) return fail(ErrorKind::invalid_input, fmt::format("a {} does not close in: {}", quote, text));
  return words;
}

}  // namespace aircheck::apps
