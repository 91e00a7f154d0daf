#pragma once
// YouTube's channels as the watcher asks for them: feeds and pages over HTTP, broadcasts by yt-dlp. Driven by one thread, which
// each question blocks; interrupt() may be called from any.

#include <atomic>
#include <map>
#include <string>

#include "capture/resolver.hpp"
#include "dispatch/watcher.hpp"
#include "net/loop.hpp"

namespace aircheck::apps {

class YouTubeChannels final : public dispatch::ChannelSource {
 public:
  YouTubeChannels(net::HttpOptions http, capture::ResolverOptions resolver);

  /// Reads the channel's page for the feed that it links to.
  Result<std::string> channel_id(const std::string& channel) override;
  /// Asks only for what is new since the last time, where the server can tell.
  Result<ChannelFeed> feed(const std::string& channel_id) override;
  Result<dispatch::Broadcast> broadcast(const std::string& url) override;

  /// Ends the present question, and all that follow, with `cancelled`.
  void interrupt();

 private:
  struct Known {
    std::string etag, last_modified;
    ChannelFeed feed;
  };

  Result<net::HttpResponse> fetch(net::HttpRequest request);
  template <class Answer>
  Result<Answer> wait_for(const std::optional<Result<Answer>>& answer);

  std::string proxy_;
  net::Loop loop_;
  capture::ResolverOptions resolver_;
  std::map<std::string, Known> feeds_;  // by channel id
  std::atomic<bool> interrupted_ = false;
};

/// What yt-dlp's word means for a watched channel.
Result<dispatch::Broadcast> to_broadcast(const capture::Resolution& resolution);

}  // namespace aircheck::apps
