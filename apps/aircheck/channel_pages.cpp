#include "aircheck/channel_pages.hpp"

#include <utility>

#include "core/video_page.hpp"

namespace aircheck::apps {
namespace {

constexpr std::size_t kMostFeed = 1u << 20, kMostPage = 8u << 20;
constexpr std::size_t kMostKnown = 1'000;  // feeds; more than there may be watches

}  // namespace

void ChannelPages::interrupt() {
  interrupted_ = true;
  loop_.wake();
}

net::HttpRequest ChannelPages::request_for(std::string url, std::size_t max_bytes) const {
  net::HttpRequest request{.url = std::move(url), .max_bytes = max_bytes};
  request.total_timeout = patience_;
  return request;
}

Result<net::HttpResponse> ChannelPages::fetch(net::HttpRequest request) {
  std::optional<Result<net::HttpResponse>> answer;
  const auto id = loop_.fetch(std::move(request), [&](auto response) { answer = std::move(response); });
  auto result = wait_for(answer);
  if (!answer) loop_.cancel(id);  // it would write into what is gone
  return result;
}

Result<std::string> ChannelPages::page(const std::string& url) {
  auto request = request_for(url, kMostPage);
  // Without it Europe gets a page that asks for consent.
  request.headers = {"Cookie: SOCS=CAI", "Accept-Language: en"};
  auto response = TRY(fetch(std::move(request)));
  response = TRY(net::expect_success(std::move(response)));
  return std::string(as_text(response.body));
}

Result<std::string> ChannelPages::channel_id(const std::string& channel) {
  const auto text = page(channel);
  if (!text) return wrap(text.error(), "the channel's page");
  if (auto id = linked_channel_id(*text)) return *std::move(id);
  return fail(ErrorKind::corrupt, "the channel's page names no feed; watch it by its id (UC…) instead");
}

Result<ChannelFeed> ChannelPages::feed(const std::string& channel_id) {
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

Result<dispatch::Broadcast> ChannelPages::broadcast(const std::string& url) {
  const auto text = TRY(page(url));
  auto found = parse_video_page(text);
  if (!found && found.error().kind == ErrorKind::corrupt && url.ends_with("/live"))
    return fail(ErrorKind::not_live, "nothing is on the air");
  if (!found) return std::unexpected(found.error());
  if (found->video_id.empty() && found->state != VideoPage::State::over && url.ends_with("/live"))
    return fail(ErrorKind::no_resolver, "the live page does not name its video");
  dispatch::Broadcast broadcast;
  using State = dispatch::Broadcast::State;
  broadcast.state = found->state == VideoPage::State::live       ? State::live
                    : found->state == VideoPage::State::upcoming ? State::upcoming
                                                                 : State::over;
  broadcast.video_id = std::move(found->video_id);
  broadcast.title = std::move(found->title);
  broadcast.channel = std::move(found->channel);
  return broadcast;
}

}  // namespace aircheck::apps
