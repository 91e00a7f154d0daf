#pragma once
// What the page of a YouTube video says of it, for where there is no yt-dlp to ask: whether it is a broadcast, and on the
// air. That is all that is read of it; nothing of how to fetch it. Pure; the bytes are a stranger's.

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace aircheck {

struct VideoPage {
  enum class State { live, upcoming, over };  // over: it has ended, or never was a broadcast

  State state = State::over;
  std::string video_id;        // empty where the page does not tell
  std::string title, channel;  // likewise
};

/// `corrupt` for a page that shows no video, as a channel's live page does while nothing is on the air. Where YouTube hides the
/// video from whoever asked: `bot_check`, `private_video`, `login_required` or `not_found`; `no_resolver` where it cannot be told.
Result<VideoPage> parse_video_page(std::string_view html);

}  // namespace aircheck
