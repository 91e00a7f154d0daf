#include "aircheck/youtube_channels.hpp"

#include <optional>
#include <utility>

#include "core/stream_url.hpp"

namespace aircheck::apps {

Result<dispatch::Broadcast> YouTubeChannels::broadcast(const std::string& url) {
  std::optional<Result<capture::Resolution>> answer;
  capture::Resolver resolver(loop(), resolver_);  // goes, and yt-dlp with it, when this is interrupted
  resolver.resolve(url, {.proxy = proxy()}, [&](auto resolution) { answer = std::move(resolution); });
  return to_broadcast(TRY(wait_for(answer)));
}

Result<dispatch::Broadcast> to_broadcast(const capture::Resolution& resolution) {
  using State = dispatch::Broadcast::State;
  using capture::LiveStatus;
  dispatch::Broadcast broadcast;
  switch (resolution.live_status) {
    case LiveStatus::is_live: broadcast.state = State::live; break;
    case LiveStatus::is_upcoming: broadcast.state = State::upcoming; break;
    case LiveStatus::post_live:
    case LiveStatus::was_live:
    case LiveStatus::not_live: broadcast.state = State::over; break;
    case LiveStatus::unknown: return fail(ErrorKind::no_resolver, "yt-dlp cannot tell whether it is a broadcast");
  }
  if (!is_video_id(resolution.video_id)) return fail(ErrorKind::no_resolver, "yt-dlp names no video");
  broadcast.video_id = resolution.video_id;
  broadcast.title = resolution.title;
  broadcast.channel = resolution.channel;
  broadcast.thumbnail_url = resolution.thumbnail_url;
  return broadcast;
}

}  // namespace aircheck::apps
