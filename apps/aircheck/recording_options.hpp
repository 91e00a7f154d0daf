#pragma once
// How to record, as the user says it: the options that `record`, `serve` and the recorders that it starts have in common.
// Plain values.

#include <string>
#include <vector>

#include "base/time.hpp"
#include "capture/stream.hpp"
#include "net/http.hpp"

namespace CLI {
class App;
}

namespace aircheck::apps {

struct RecordingOptions {
  std::string quality = "best";      // or "worst", or the most lines wanted: "720"
  std::vector<std::string> proxies;  // "http://host:port", "socks5h://…", the first that works; empty: what the
                                     // environment says
  std::string ca_file;               // PEM bundle to trust; empty: the system's
  std::string yt_dlp;                // program; empty: find_yt_dlp()
  std::string yt_dlp_args;           // more arguments for it, in a shell's quoting
  std::string cookies;               // cookies file for yt-dlp
  bool chat = false;                 // live chat too, into a file beside the recording
  bool no_refill = false;            // what is missing at the end is not asked for once more
  bool from_start = false;           // from the beginning of the broadcast, where the origin still has it
  seconds from{0};                   // so long before now; 0: now
  seconds yt_dlp_timeout{120};
  seconds segment_timeout{60};  // patience with a segment that stays listed but cannot be had
  seconds stall_timeout{30};    // nothing new for so long: ask whether the stream is over
  seconds gone_timeout{900};    // a playlist that cannot be read for so long is gone
  seconds silence_limit{0};     // nothing new for so long ends the recording of a stream that is live; 0: never
};

/// An option that takes "90s", "15m" or "2h".
void add_duration(CLI::App& app, const std::string& name, seconds& value, const std::string& description);

/// Adds those that say how to fetch, under the heading `group`. `options` must outlive the parse.
void add_fetch_options(CLI::App& app, RecordingOptions& options, const std::string& group);
/// Adds all of them to `app` under the heading "Recording". `options` must outlive the parse.
void add_recording_options(CLI::App& app, RecordingOptions& options);
/// The same as command-line arguments, for a recorder process. Everything is said, defaults too, so that the child's own
/// environment and configuration change nothing.
std::vector<std::string> to_arguments(const RecordingOptions& options);

net::HttpOptions http_options(const RecordingOptions& options);
/// Everything but url and direct. `invalid_input` when yt_dlp_args are not quoted well.
Result<capture::StreamOptions> stream_options(const RecordingOptions& options);

/// The yt-dlp to use when none is named: the one of the project's own virtual environment when the program runs out of its
/// build tree (build/venv/bin/yt-dlp), the Debian package's when that is installed, else whatever PATH has.
std::string find_yt_dlp();

/// Takes a command line apart as a shell does: blanks separate, quotes and backslashes protect; nothing is expanded.
/// `invalid_input` for a quote that does not close.
Result<std::vector<std::string>> split_words(std::string_view text);

}  // namespace aircheck::apps
