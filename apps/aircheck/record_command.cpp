// aircheck record: one stream to one file, in the foreground.
#include <fmt/core.h>
#include <malloc.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <filesystem>
#include <memory>

#include "aircheck/commands.hpp"
#include "aircheck/foreground.hpp"
#include "aircheck/recording_options.hpp"
#include "core/stream_url.hpp"

namespace aircheck::apps {
namespace {

struct RecordParameters {
  std::string url;
  ForegroundOptions foreground;
  RecordingOptions recording;
};

bool is_playlist(std::string_view url) {
  const auto path = url.substr(0, url.find_first_of("?#"));
  return path.ends_with(".m3u8") || path.ends_with(".m3u");
}

// On the command line the user is the operator: any host, private ones too.
Result<StreamUrl> parse_url(const std::string& url) {
  return parse_stream_url(url, {.allow_other_hosts = true, .allow_private_hosts = true});
}

std::string default_output(const StreamUrl& url) {
  if (!url.video_id.empty()) return url.video_id + ".mkv";
  auto name = std::filesystem::path(url.url.substr(0, url.url.find_first_of("?#"))).stem().string();
  if (name.empty() || name == "live" || name == "index") name = "recording";
  return name + ".mkv";
}

int usage(const Error& error) {
  fmt::print(stderr, "aircheck: {}\n", error.message);
  return 2;
}

int run_record(RecordParameters& parameters) {
  std::signal(SIGXFSZ, SIG_IGN);  // a file size limit is a full disk, not a reason to die
  const auto url = parse_url(parameters.url);
  if (!url) return usage(url.error());
  auto stream = stream_options(parameters.recording);
  if (!stream) return usage(stream.error());
  auto& options = parameters.foreground;
  options.stream = std::move(*stream);
  options.stream.url = url->url;
  options.stream.direct = !url->youtube && is_playlist(url->url);
  options.http = http_options(parameters.recording);
  options.chat = parameters.recording.chat;
  options.refill = !parameters.recording.no_refill;
  if (options.output.empty()) options.output = default_output(*url);
  return record_in_foreground(options);
}

}  // namespace

void add_record(CLI::App& app, int& exit_code) {
  const auto parameters = std::make_shared<RecordParameters>();
  auto* const command = app.add_subcommand("record", "Record a live stream into a file, here and now");
  command->add_option("url", parameters->url, "YouTube URL, or that of an HLS playlist (.m3u8)")->required();
  command
      ->add_option("-o,--output", parameters->foreground.output,
                   "File to record into, or s3://BUCKET/KEY.mkv (default: a file named after the stream)")
      ->type_name("FILE");
  command->add_flag("-f,--force", parameters->foreground.force,
                    "Record anew although FILE is there; that is kept as FILE.old-1");
  command->add_flag("--json", parameters->foreground.json, "Progress and result as JSON lines on standard output");
  command->add_flag("-q,--quiet", parameters->foreground.quiet, "Say nothing but errors");
  add_bucket_flags(*command, parameters->foreground.bucket);
  add_recording_options(*command, parameters->recording);
  command->footer(
      "Ctrl-C finishes the file; a second one leaves it as it is. The same command again goes on with an unfinished "
      "file.\n"
      "Exit status: 0 complete or ended by you, 1 failed, 2 usage, 3 kept but with holes, "
      "130 left unfinished by a second Ctrl-C (143: by SIGTERM).\n\n"
      "Examples:\n"
      "  aircheck record https://www.youtube.com/watch?v=jfKfPfyJRdk\n"
      "  aircheck record https://www.youtube.com/@channel/live -o talk.mkv --quality 720\n"
      "  aircheck record https://www.youtube.com/@channel/live -o s3://my-bucket/talk.mkv\n"
      "  aircheck record http://localhost:8080/live/index.m3u8 -o test.mkv");
  command->callback([parameters, &exit_code] { exit_code = run_record(*parameters); });
}

}  // namespace aircheck::apps
