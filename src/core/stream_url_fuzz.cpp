// Any bytes as the address of a stream or channel: refused, or an address whose normal form it is itself.
#include <cstdlib>

#include "base/bytes.hpp"
#include "core/stream_url.hpp"
#include "core/watch.hpp"

namespace {

using namespace aircheck;

void check(std::string_view text, const UrlPolicy& policy) {
  const auto found = parse_stream_url(text, policy);
  if (!found) return;
  const auto again = parse_stream_url(found->url, policy);
  if (!again || again->url != found->url || again->video_id != found->video_id || again->youtube != found->youtube)
    std::abort();
  if (!found->video_id.empty() && !is_video_id(found->video_id)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = as_text(std::as_bytes(std::span(data, size)));
  check(text, {});
  check(text, {.allow_other_hosts = true});
  check(text, {.allow_other_hosts = true, .allow_private_hosts = true});
  const auto channel = parse_channel(text);
  if (!channel) return 0;
  const auto again = parse_channel(channel->url);
  if (!again || again->url != channel->url || again->id != channel->id) std::abort();
  if (!channel->id.empty() && !is_channel_id(channel->id)) std::abort();
  return 0;
}
