#include "capture/resolver.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "core/stream_url.hpp"

namespace aircheck::capture {
namespace {

struct Complaint {
  std::string_view words;  // in lower case
  ErrorKind kind;
  std::string_view message;
};

// Read from yt-dlp's YouTube extractor and YouTube's own words up to 2026-08; the first that matches counts.
constexpr std::array kComplaints{
    Complaint{"not a bot", ErrorKind::bot_check,
              "YouTube wants proof that this is no bot: this machine's address is blocked. Use --proxy, --cookies or "
              "another machine"},
    Complaint{"http error 429", ErrorKind::rate_limited,
              "YouTube answers 'too many requests' to this address. Wait, or use --proxy"},
    Complaint{"members-only", ErrorKind::members_only,
              "only members of the channel may see this stream. Use --cookies of a member"},
    Complaint{"members only", ErrorKind::members_only,
              "only members of the channel may see this stream. Use --cookies of a member"},
    Complaint{"channel's members", ErrorKind::members_only,
              "only members of the channel may see this stream. Use --cookies of a member"},
    Complaint{"join this channel", ErrorKind::members_only,
              "only members of the channel may see this stream. Use --cookies of a member"},
    Complaint{"private video", ErrorKind::private_video,
              "this video is private. Use --cookies of an account that may see it"},
    Complaint{"video is private", ErrorKind::private_video,
              "this video is private. Use --cookies of an account that may see it"},
    Complaint{"in your country", ErrorKind::geo_blocked, "this stream is not offered in this country. Use --proxy"},
    Complaint{"in your location", ErrorKind::geo_blocked, "this stream is not offered in this country. Use --proxy"},
    Complaint{"from your location", ErrorKind::geo_blocked, "this stream is not offered in this country. Use --proxy"},
    Complaint{"geo restrict", ErrorKind::geo_blocked, "this stream is not offered in this country. Use --proxy"},
    Complaint{"confirm your age", ErrorKind::login_required,
              "this stream is restricted by age. Use --cookies of a signed-in account"},
    Complaint{"sign in", ErrorKind::login_required, "this stream wants a signed-in account. Use --cookies"},
    Complaint{"login required", ErrorKind::login_required, "this stream wants a signed-in account. Use --cookies"},
    Complaint{"live event will begin", ErrorKind::upcoming, "the stream has not begun"},
    Complaint{"premieres in", ErrorKind::upcoming, "the stream has not begun"},
    Complaint{"live stream recording is not available", ErrorKind::ended,
              "the stream is over and its archive is not available"},
    Complaint{"live event has ended", ErrorKind::ended, "the stream is over"},
    Complaint{"not currently live", ErrorKind::not_live, "the channel is not live at the moment"},
    Complaint{"video unavailable", ErrorKind::not_found, "there is no such video"},
    Complaint{"has been removed", ErrorKind::not_found, "the video has been removed"},
    Complaint{"has been terminated", ErrorKind::not_found, "the account has been terminated"},
    // A 404 beside it is of something that could be done without.
    Complaint{"http error 403", ErrorKind::forbidden,
              "the site refuses (403). Use --proxy or --cookies, or update yt-dlp"},
    Complaint{"http error 404", ErrorKind::not_found, "there is no such page"},
    Complaint{"does not exist", ErrorKind::not_found, "there is no such page"},
    Complaint{"unsupported url", ErrorKind::unsupported, "yt-dlp does not know this site"},
    Complaint{"timed out", ErrorKind::timeout, "the site did not answer in time"},
    Complaint{"unable to connect to proxy", ErrorKind::unavailable, "the proxy does not answer. Look at --proxy"},
    Complaint{"certificate_verify_failed", ErrorKind::unauthorized,
              "the site's certificate cannot be verified. Use --ca-file when a proxy signs its own"},
    Complaint{"unable to download", ErrorKind::unavailable,
              "the site cannot be reached. Look at the network, or use --proxy"},
    Complaint{"no such option", ErrorKind::invalid_input, "yt-dlp does not take the options of --yt-dlp-args"},
};

// Only what we read. All of it (-J) would list every single fragment of a broadcast that is just over, for each format.
constexpr const char* kPrintInfo =
    "%(.{id,title,fulltitle,channel,uploader,thumbnail,webpage_url,live_status,release_timestamp})j";
constexpr const char* kPrintFormats =
    "%(formats.:.{format_id,url,protocol,vcodec,acodec,width,height,fps,tbr,has_drm,language_preference,format_note,"
    "http_headers})j";
// For show only, and therefore apart: what a user has written may be no JSON that we can read.
constexpr const char* kPrintDescription = "%(.{description})j";
constexpr const char* kPrintThumbnails = "%(thumbnails.:.{url,preference})j";

// YouTube's adaptive formats of a live stream are offered only when asked for, beside the others; so is what lacks a PO token,
// which yt-dlp would leave out: rather a way that may be refused than none, and a word on what is missing.
constexpr std::string_view kWithFragments = "formats=incomplete,missing_pot";

constexpr std::string_view kExtractorOption = "--extractor-args";

// The argument that tells the YouTube extractor something, among those of the user's.
template <typename Arguments>
auto* youtube_wishes(Arguments& arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i].starts_with("--extractor-args=youtube:")) return &arguments[i];
    const bool apart = arguments[i] == kExtractorOption && i + 1 < arguments.size();
    if (apart && arguments[i + 1].starts_with("youtube:")) return &arguments[i + 1];
  }
  return static_cast<decltype(&arguments[0])>(nullptr);
}

// The option counts once: where the user has given it, ours are added to it, but for those that he has spoken of.
std::vector<std::string> with_wishes(std::vector<std::string> arguments, const std::vector<std::string>& wishes) {
  auto* const given = youtube_wishes(arguments);
  std::string all = given ? *given : "youtube:";
  for (const auto& wish : wishes) {
    if (all.find(wish.substr(0, wish.find('=') + 1)) != std::string::npos) continue;
    if (!all.ends_with(':')) all += ';';
    all += wish;
  }
  if (given) *given = std::move(all);
  else if (!wishes.empty()) arguments.insert(arguments.end(), {std::string(kExtractorOption), std::move(all)});
  return arguments;
}

constexpr std::size_t kLongestComplaint = 300;

// The last line that begins with ERROR, else the last line: what yt-dlp itself would have us read.
std::string_view essence(std::string_view text) {
  const auto error = text.rfind("ERROR:");
  if (error != std::string_view::npos) text.remove_prefix(error + 6);
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  const auto line =
      error != std::string_view::npos ? text.substr(0, text.find('\n')) : text.substr(text.rfind('\n') + 1);
  return line.substr(0, kLongestComplaint);
}

}  // namespace

Error classify_complaint(std::string_view standard_error) {
  const auto text = lower(standard_error);
  for (const auto& complaint : kComplaints)
    if (text.find(complaint.words) != std::string::npos) return {complaint.kind, std::string(complaint.message)};
  const auto words = essence(standard_error);
  return {ErrorKind::no_resolver, words.empty() ? "yt-dlp failed without a word" : fmt::format("yt-dlp: {}", words)};
}

// "WARNING: [youtube] [pot:bgutil:http] Error reaching GET …": whatever the plugin, yt-dlp's framework begins so.
std::string token_complaint(std::string_view standard_error) {
  const auto begin = standard_error.find("[pot");
  if (begin == std::string_view::npos) return {};
  auto line = standard_error.substr(begin, standard_error.find('\n', begin) - begin);
  if (const auto end = line.find("] "); end != std::string_view::npos) line.remove_prefix(end + 2);
  return std::string(line.substr(0, kLongestComplaint));
}

bool names_client(const std::vector<std::string>& arguments) {
  const auto* const given = youtube_wishes(arguments);
  return given && given->find("player_client=") != std::string::npos;
}

// Other sites than YouTube have no clients to choose from.
Approaches approaches_for(const std::string& url, const ResolverOptions& options) {
  const auto parsed = parse_stream_url(url, {.allow_other_hosts = true, .allow_private_hosts = true});
  const bool youtube = parsed && parsed->youtube;
  return Approaches(!options.cookies_file.empty(), !youtube || names_client(options.extra_arguments));
}

SubprocessOptions yt_dlp_command(const ResolverOptions& options, const Approach& approach, std::string_view wishes) {
  SubprocessOptions out;
  auto& arguments = out.arguments;
  arguments = {options.program, "--ignore-config", "--no-playlist",    "--ignore-no-formats-error",
               "--no-progress", "--no-color",      "--socket-timeout", "20"};
  if (!approach.proxy.empty()) arguments.insert(arguments.end(), {"--proxy", approach.proxy});
  if (!options.cookies_file.empty() && !approach.anonymous)
    arguments.insert(arguments.end(), {"--cookies", options.cookies_file});
  if (!options.ca_file.empty()) {
    // yt-dlp has no option for this; without certifi it takes OpenSSL's default, which the variable names.
    arguments.insert(arguments.end(), {"--compat-options", "no-certifi"});
    out.environment.push_back("SSL_CERT_FILE=" + options.ca_file);
  }
  std::vector<std::string> told;
  if (!wishes.empty()) told.emplace_back(wishes);
  if (!approach.client.empty()) told.push_back("player_client=" + approach.client);
  const auto extra = with_wishes(options.extra_arguments, told);
  arguments.insert(arguments.end(), extra.begin(), extra.end());
  out.time_limit = options.time_limit;
  return out;
}

void Resolver::resolve(const std::string& url, const Approach& approach, Done done) {
  auto command = yt_dlp_command(options_, approach, kWithFragments);
  for (const auto* what : {kPrintInfo, kPrintFormats, kPrintThumbnails, kPrintDescription})
    command.arguments.insert(command.arguments.end(), {"--print", what});
  command.arguments.insert(command.arguments.end(), {"--", url});
  process_ = std::make_unique<Subprocess>(
      loop_, std::move(command), [this, done = std::move(done)](Result<SubprocessResult> result) {
        // Keeps the process object alive to the end of this call, and lets `done` ask again.
        const auto process = std::move(process_);
        if (!result) {
          auto error = result.error();
          if (error.kind == ErrorKind::not_found)
            error.message += ". Install yt-dlp (./run does) or name it with --yt-dlp";
          return done(std::unexpected(Error{ErrorKind::no_resolver, error.message}));
        }
        auto resolution = parse_resolution(result->output);
        if (resolution) resolution->token_trouble = token_complaint(result->error);
        const bool silent =
            result->output.find_first_not_of(" \n\r\t") == std::string::npos || result->output.starts_with("null");
        if (!resolution && (silent || result->exit_status != 0))
          return done(std::unexpected(classify_complaint(result->error)));
        if (resolution && resolution->formats.empty() && resolution->live_status != LiveStatus::is_upcoming) {
          // Why there is nothing stands on standard error; "was live" alone would hide a refusal.
          const auto complaint = classify_complaint(result->error);
          const bool over =
              resolution->live_status == LiveStatus::was_live || resolution->live_status == LiveStatus::post_live;
          if (complaint.kind != ErrorKind::no_resolver || !over) return done(std::unexpected(complaint));
        }
        done(std::move(resolution));
      });
}

}  // namespace aircheck::capture
