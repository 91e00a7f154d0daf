#include "aircheck/youtube_channels.hpp"

#include <fmt/core.h>

#include <optional>
#include <utility>

#include "core/stream_url.hpp"

namespace aircheck::apps {
namespace {

constexpr std::size_t kMostFeed = 1u << 20, kMostPage = 8u << 20;
constexpr std::size_t kMostKnown = 1'000;  // feeds; more than there may be watches
constexpr seconds kPatience{15};
constexpr seconds kLook{1};  // how long an interruption may go unnoticed at most

net::HttpRequest request_for(std::string url, std::size_t max_bytes) {
  net::HttpRequest request{.url = std::move(url), .max_bytes = max_bytes};
  request.total_timeout = kPatience;
  return request;
}

}  // namespace

YouTubeChannels::YouTubeChannels(net::HttpOptions http, capture::ResolverOptions resolver)
    : proxy_(http.proxy), loop_(std::move(http)), resolver_(std::move(resolver)) {}

void YouTubeChannels::interrupt() {
  interrupted_ = true;
  loop_.wake();
}

template <class Answer>
Result<Answer> YouTubeChannels::wait_for(const std::optional<Result<Answer>>& answer) {
  while (!answer && !interrupted_) loop_.run_once(kLook);
  if (answer) return *answer;
  return fail(ErrorKind::cancelled, "the program ends");
}

Result<net::HttpResponse> YouTubeChannels::fetch(net::HttpRequest request) {
  std::optional<Result<net::HttpResponse>> answer;
  const auto id = loop_.fetch(std::move(request), [&](auto response) { answer = std::move(response); });
  auto result = wait_for(answer);
  if (!answer) loop_.cancel(id);  // it would write into what is gone
  return result;
}

Result<std::string> YouTubeChannels::channel_id(const std::string& channel) {
  auto request = request_for(channel, kMostPage);
  // Without it Europe gets a page that asks for consent.
  request.headers = {"Cookie: SOCS=CAI", "Accept-Language: en"};
  auto response = fetch(std::move(request));
  if (response) response = net::expect_success(*std::move(response));
  if (!response) return wrap(response.error(), "the channel's page");
  if (auto id = linked_channel_id(as_text(response->body))) return *std::move(id);
  return fail(ErrorKind::corrupt, "the channel's page names no feed; watch it by its id (UC…) instead");
}

Result<ChannelFeed> YouTubeChannels::feed(const std::string& channel_id) {
  auto request = request_for(feed_url(channel_id), kMostFeed);
  const auto known = feeds_.find(channel_id);
  if (known != feeds_.end()) {
    const auto& [etag, last_modified, feed] = known->second;
    if (!etag.empty()) request.headers.push_back("If-None-Match: " + etag);
    if (!last_modified.empty()) request.headers.push_back("If-Modified-Since: " + last_modified);
  }
  auto response = fetch(std::move(request));
  if (response && response->status == 304 && known != feeds_.end()) return known->second.feed;
  if (response) response = net::expect_success(*std::move(response));
  if (!response) return wrap(response.error(), "the channel's feed");
  auto feed = parse_channel_feed(as_text(response->body));
  if (!feed) return wrap(feed.error(), "the channel's feed");
  if (feeds_.size() >= kMostKnown) feeds_.clear();
  feeds_[channel_id] = {.etag = std::string(response->header("etag")),
                        .last_modified = std::string(response->header("last-modified")),
                        .feed = *feed};
  return feed;
}

Result<dispatch::Broadcast> YouTubeChannels::broadcast(const std::string& url) {
  std::optional<Result<capture::Resolution>> answer;
  capture::Resolver resolver(loop_, resolver_);  // goes, and yt-dlp with it, when this is interrupted
  resolver.resolve(url, {.proxy = proxy_}, [&](auto resolution) { answer = std::move(resolution); });
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
