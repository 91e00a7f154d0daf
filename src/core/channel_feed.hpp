#pragma once
// The feed of a YouTube channel's newest videos (Atom): which there are, not whether they are broadcasts. Pure; the bytes
// are a stranger's.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace aircheck {

struct FeedEntry {
  std::string video_id;
  std::string title;  // at most 300 bytes, without control characters
  std::optional<Instant> published_at;
};

struct ChannelFeed {
  std::string channel_name;
  std::vector<FeedEntry> entries;  // newest first; at most 100
};

/// `corrupt` for what is no Atom feed. An entry without a video's id is left out.
Result<ChannelFeed> parse_channel_feed(std::string_view xml);

/// The id of the channel whose feed a page links to, as pages do for feed readers.
std::optional<std::string> linked_channel_id(std::string_view html);

}  // namespace aircheck
