// aircheck serve: the server of one machine, with its dashboard.
#include <CLI/CLI.hpp>
#include <memory>

#include "aircheck/commands.hpp"
#include "aircheck/data_folder.hpp"
#include "aircheck/local_server.hpp"

namespace aircheck::apps {
namespace {

constexpr auto kServeFooter =
    "Prints its address once it accepts. Ctrl-C or SIGTERM ends the server; recordings under way go on, and the next "
    "server\n"
    "finds them again. Without a token it listens on loopback only.\n\n"
    "Examples:\n"
    "  aircheck serve\n"
    "  aircheck serve --data /srv/recordings --quality 1080\n"
    "  aircheck serve --listen 0.0.0.0:8470 --token-file /etc/aircheck/token\n"
    "  aircheck serve --store s3://my-bucket/live\n"
    "  aircheck serve --allow-any-host";

}  // namespace

void add_serve(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<ServeOptions>();
  options->data = default_data_folder();
  auto& command = *app.add_subcommand("serve", "Serve the dashboard and the API, and record what they ask for");
  command.add_option("--listen", options->listen, "HOST:PORT to listen on; port 0 takes any free one")
      ->type_name("ADDRESS")
      ->capture_default_str();
  command.add_option("--data", options->data, "Folder of the jobs' database and of the recordings")
      ->type_name("DIR")
      ->capture_default_str();
  command.add_option("--store", options->store, "s3://BUCKET/PREFIX to keep recordings in, instead of the folder")
      ->type_name("URL");
  command.add_option("--token", options->token, "Token that clients must send")->type_name("TOKEN");
  command.add_option("--token-file", options->token_file, "File whose first line is the token")->type_name("FILE");
  command.add_option("--web", options->web, "Folder of the dashboard's files")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory);
  command
      .add_option("--cors-origin", options->cors_origins,
                  "Page elsewhere that may call the API (https://host); repeatable")
      ->type_name("ORIGIN");
  command.add_flag("--allow-any-host", options->allow_any_host,
                   "Take URLs of other hosts than YouTube, and playlists (.m3u8)");
  command.add_flag("--allow-private-hosts", options->allow_private_hosts,
                   "Take URLs of loopback and private addresses too");
  command.add_option("--max-recordings", options->max_recordings, "How many at once; 0: no limit")
      ->type_name("N")
      ->capture_default_str();
  add_duration(command, "--watch-interval", options->watch_interval, "How often to look at each watched channel");
  add_bucket_flags(command, options->bucket);
  add_recording_options(command, options->recording);
  command.footer(kServeFooter);
  command.callback([options, &exit_code] { exit_code = serve(*options); });
}

}  // namespace aircheck::apps
