// Any bytes as a feed: refused, or entries that may be asked for.
#include <cstdlib>

#include "base/bytes.hpp"
#include "core/channel_feed.hpp"
#include "core/stream_url.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aircheck;
  const auto text = as_text(std::as_bytes(std::span(data, size)));
  static_cast<void>(linked_channel_id(text));
  const auto feed = parse_channel_feed(text);
  if (!feed) return 0;
  for (const auto& entry : feed->entries)
    if (!is_video_id(entry.video_id) || entry.title.size() > 300) std::abort();
  return 0;
}
