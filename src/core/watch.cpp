#include "core/watch.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "core/stream_url.hpp"

namespace aircheck {
namespace {

constexpr std::string_view kSite = "https://www.youtube.com/", kIdPath = "channel/", kLive = "/live";

std::string with_site(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  if (text.starts_with('@')) return fmt::format("{}{}", kSite, text);
  if (is_channel_id(text)) return fmt::format("{}{}{}", kSite, kIdPath, text);
  return std::string(text);
}

}  // namespace

Result<Channel> parse_channel(std::string_view text) {
  auto url = TRY(parse_stream_url(with_site(text), {})).url;
  // Of a channel the address of its live page is taken for a stream.
  if (!url.ends_with(kLive))
    return fail(ErrorKind::invalid_input, "that is a video, not a channel; give @name, or the channel's address");
  url.erase(url.size() - kLive.size());
  const auto path = std::string_view(url).substr(kSite.size());
  std::string id(path.starts_with(kIdPath) ? path.substr(kIdPath.size()) : std::string_view{});
  return Channel{.url = std::move(url), .id = std::move(id)};
}

std::string feed_url(std::string_view channel_id) {
  return fmt::format("{}feeds/videos.xml?channel_id={}", kSite, channel_id);
}

std::string live_url(const Watch& watch) {
  if (watch.channel_id.empty()) return fmt::format("{}{}", watch.channel, kLive);
  return fmt::format("{}{}{}{}", kSite, kIdPath, watch.channel_id, kLive);
}

}  // namespace aircheck
