#include "core/channel_feed.hpp"

#include <algorithm>
#include <tuple>

#include "base/text.hpp"
#include "core/stream_url.hpp"
#include "core/xml_reader.hpp"

namespace aircheck {
namespace {

constexpr std::size_t kMostEntries = 100;
constexpr std::size_t kMostTitle = 300;

// Fit to be shown, and no longer than titles are: cut between two characters of UTF-8.
std::string presentable(std::string_view text) {
  std::string out(cut_text(text, kMostTitle));
  std::ranges::replace_if(out, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return out;
}

// Where the text of the element at `path` belongs.
void take_text(ChannelFeed& feed, std::string_view path, const std::string& text) {
  if (path == "/feed/title") feed.channel_name = presentable(text);
  if (feed.entries.empty()) return;
  auto& entry = feed.entries.back();
  if (path == "/feed/entry/yt:videoId") entry.video_id = text;
  if (path == "/feed/entry/title") entry.title = presentable(text);
  if (path == "/feed/entry/published") entry.published_at = from_rfc3339(text);
}

void put_in_order(std::vector<FeedEntry>& entries) {
  std::erase_if(entries, [](const FeedEntry& entry) { return !is_video_id(entry.video_id); });
  std::ranges::sort(entries, std::greater{},
                    [](const FeedEntry& entry) { return std::tie(entry.published_at, entry.video_id); });
}

}  // namespace

Result<ChannelFeed> parse_channel_feed(std::string_view xml) {
  ChannelFeed feed;
  XmlReader reader(xml);
  std::string path;
  for (;;) {
    switch (TRY(reader.next())) {
      case XmlReader::Token::start:
        path.append("/").append(reader.name());
        if (!path.starts_with("/feed")) return fail(ErrorKind::corrupt, "that is no Atom feed");
        if (path == "/feed/entry") feed.entries.emplace_back();
        if (feed.entries.size() > kMostEntries) return fail(ErrorKind::corrupt, "a feed with more than 100 entries");
        break;
      case XmlReader::Token::end: path.resize(path.size() - reader.name().size() - 1); break;
      case XmlReader::Token::text: take_text(feed, path, reader.text()); break;
      case XmlReader::Token::finished: put_in_order(feed.entries); return feed;
    }
  }
}

std::optional<std::string> linked_channel_id(std::string_view html) {
  constexpr std::string_view kLink = "https://www.youtube.com/feeds/videos.xml?channel_id=";
  const auto at = html.find(kLink);
  if (at == std::string_view::npos) return {};
  const auto id = html.substr(at + kLink.size(), 24);
  return is_channel_id(id) ? std::optional(std::string(id)) : std::nullopt;
}

}  // namespace aircheck
