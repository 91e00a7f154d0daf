// Whatever parse_playlist accepts keeps its promises: variants to choose from, segments in sequence with addresses.
#include <cstdlib>

#include "media/playlist.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aircheck;
  using namespace aircheck::media;
  const auto playlist = parse_playlist(as_text(std::as_bytes(std::span(data, size))), "https://h/p/x.m3u8");
  if (!playlist) return 0;
  if (const auto* const master = std::get_if<MasterPlaylist>(&*playlist)) {
    for (const auto* const quality : {"best", "720", "worst", "audio"})
      if (choose_variant(*master, quality).uri.empty()) std::abort();
    return 0;
  }
  auto sequence = std::get<MediaPlaylist>(*playlist).media_sequence;
  for (const auto& segment : std::get<MediaPlaylist>(*playlist).segments) {
    if (segment.sequence != sequence++ || segment.uri.empty() || segment.duration.count() < 0) std::abort();
    static_cast<void>(effective_iv(segment));
  }
  return 0;
}
