#pragma once
// YouTube's channels as the watcher of a machine of one's own asks for them: feeds and pages over HTTP, broadcasts by yt-dlp.

#include <string>

#include "aircheck/channel_pages.hpp"
#include "capture/resolver.hpp"

namespace aircheck::apps {

class YouTubeChannels final : public ChannelPages {
 public:
  YouTubeChannels(net::HttpOptions http, capture::ResolverOptions resolver)
      : ChannelPages(std::move(http)), resolver_(std::move(resolver)) {}

  Result<dispatch::Broadcast> broadcast(const std::string& url) override;

 private:
  capture::ResolverOptions resolver_;
};

/// What yt-dlp's word means for a watched channel.
Result<dispatch::Broadcast> to_broadcast(const capture::Resolution& resolution);

}  // namespace aircheck::apps
