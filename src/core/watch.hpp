#pragma once
// A watch: a channel whose broadcasts are recorded without anybody submitting them. A plain value; the names are the same in
// SQLite, JSON and the API.

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace aircheck {

/// The newest video of a channel, be it a broadcast or not.
struct SeenVideo {
  std::string video_id, title;
  bool operator==(const SeenVideo&) const = default;
};

struct Watch {
  std::string id;       // UUIDv7
  std::string channel;  // its address, as parse_channel() has it
  std::string title;    // pattern of the titles that are wanted (core/title_pattern.hpp); empty: all
  std::string quality = "best";
  bool from_start = false;
  Instant created_at{};

  // What looking at the channel has brought.
  std::string channel_id;    // "UC…"; empty until it is known
  std::string channel_name;  // empty until it is known
  std::optional<Instant> last_checked_at;
  std::optional<Instant> next_check_at;  // not before; empty: at once
  std::optional<Error> last_error;       // what hindered the last look; none: nothing did
  std::optional<SeenVideo> last_seen;
  std::string last_job_id;  // of the last broadcast that was recorded; empty: there was none yet

  bool operator==(const Watch&) const = default;
};

struct Channel {
  std::string url;  // "https://www.youtube.com/@name", ".../channel/UC…", ".../c/name" or ".../user/name"
  std::string id;   // "UC…" where the address has it, else empty
};

/// Takes "@name", "UC…", or a channel's address in any form that parse_stream_url() takes. `invalid_input` with the reason
/// for anything else, a video's address too.
Result<Channel> parse_channel(std::string_view text);

/// Where the feed of a channel's newest videos is.
std::string feed_url(std::string_view channel_id);
/// The page that shows what the channel broadcasts at present.
std::string live_url(const Watch& watch);

}  // namespace aircheck
