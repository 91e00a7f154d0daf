#pragma once
// yt-dlp as the resolver: from a page's URL to what can be fetched. Extraction breaks monthly, so nothing of it is ours but
// the reading of its JSON and of its error messages. One question at a time; not thread-safe.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "capture/approach.hpp"
#include "capture/subprocess.hpp"
#include "net/loop.hpp"

namespace aircheck::capture {

struct ResolverOptions {
  std::string program = "yt-dlp";
  std::vector<std::string> extra_arguments;
  std::string ca_file;
  std::string cookies_file;
  milliseconds time_limit{120'000};
};

enum class LiveStatus { unknown, is_live, is_upcoming, post_live, was_live, not_live };

/// One way to fetch the stream, as yt-dlp lists it.
struct Format {
  std::string id;
  std::string url;       // for HLS the media playlist
  std::string protocol;  // "m3u8_native", "https", …
  bool video = false, audio = false;
  std::string video_codec, audio_codec;  // as RFC 6381 has it, "avc1.640028"; empty where nobody says
  std::uint32_t width = 0, height = 0;
  double frame_rate = 0;
  double bitrate = 0;                // kbit/s
  std::vector<std::string> headers;  // "Name: value" to send with every request
  bool fragments = false;            // numbered ones, see fragment_url.hpp
  double preference = 0;             // of its language and kind of sound: the original's goes before a dubbed one's
  bool token_missing = false;        // YouTube wants a PO token with it that yt-dlp had not: refused at once, or soon
};

struct Resolution {
  std::string video_id, title, channel, thumbnail_url, page_url;
  std::string description;              // the first 64 KiB of it
  std::vector<std::string> thumbnails;  // URLs, the best first; not all of them need to be there
  LiveStatus live_status = LiveStatus::unknown;
  std::optional<Instant> release_at;  // when it is to begin, or began
  std::vector<Format> formats;
  std::string
      token_trouble;  // why a provider of PO tokens gave none, in its plugin's words; empty where none was asked
};

/// Reads what the arguments of Resolver make yt-dlp print: lines of JSON, or one with everything as `-J` prints it.
/// `no_resolver` for anything else. What is only for show, such as the description, may be missing or broken.
Result<Resolution> parse_resolution(std::string_view json);
/// Turns yt-dlp's complaints into the kind of error that they mean, with a message for people.
Error classify_complaint(std::string_view standard_error);
/// What a plugin of yt-dlp's that gets PO tokens has complained of; empty: nothing.
std::string token_complaint(std::string_view standard_error);
/// Whether yt-dlp's arguments say as which of YouTube's clients to ask.
bool names_client(const std::vector<std::string>& arguments);
/// In which ways yt-dlp may ask for `url`.
Approaches approaches_for(const std::string& url, const ResolverOptions& options);
/// A run of yt-dlp in the way given, without a URL yet. `wishes` are added to what its YouTube extractor is told.
SubprocessOptions yt_dlp_command(const ResolverOptions& options, const Approach& approach, std::string_view wishes);

class Resolver {
 public:
  using Done = std::function<void(Result<Resolution>)>;

  Resolver(net::Loop& loop, ResolverOptions options) : loop_(loop), options_(std::move(options)) {}

  /// Asks for `url` in the way given; `done` is called from the loop. A second call ends the first, uncalled. An upcoming stream and one that
  /// is over are successes without formats (see live_status).
  void resolve(const std::string& url, const Approach& approach, Done done);
  bool busy() const { return process_ != nullptr; }

 private:
  net::Loop& loop_;
  ResolverOptions options_;
  std::unique_ptr<Subprocess> process_;
};

}  // namespace aircheck::capture
