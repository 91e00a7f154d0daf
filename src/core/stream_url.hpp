#pragma once
// What URLs we take. Pure; every rule is a test in stream_url_test.cpp.

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace aircheck {

struct StreamUrl {
  std::string url;       // normalised: "https://www.youtube.com/watch?v=<id>" or ".../@channel/live"
  std::string video_id;  // 11 characters, or empty for a channel's live page and for other hosts
  bool youtube = false;
};

/// Whether it is the id of a YouTube video: 11 letters, digits, "-" or "_".
bool is_video_id(std::string_view text);
/// Whether it is the id of a YouTube channel: "UC" and 22 of these.
bool is_channel_id(std::string_view text);

struct UrlPolicy {
  bool allow_other_hosts = false;    // the operator has said so
  bool allow_private_hosts = false;  // loopback, link-local, private ranges, names without a dot
};

/// Takes every form of YouTube URL (watch, youtu.be, /live/, /shorts/, /embed/, m., music., /@name/live, /channel/UC…/live,
/// /c/name/live, /user/name/live, without a scheme too). `invalid_input` with the reason for anything else: no URL, another
/// host, another scheme than http(s), userinfo, control characters, a leading "-", more than 2,000 characters.
Result<StreamUrl> parse_stream_url(std::string_view text, const UrlPolicy& policy);

}  // namespace aircheck
