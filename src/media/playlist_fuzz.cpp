// Whatever parse_playlist accepts keeps its promises: variants to choose from, segments in sequence with addresses.
#include <cstdlib>

#include "media/playlist.hpp"

namespace {

using namespace aircheck::media;

bool same(const MediaSegment& a, const MediaSegment& b) {
  return a.sequence == b.sequence && a.discontinuity_sequence == b.discontinuity_sequence && a.uri == b.uri &&
         a.range == b.range && a.init == b.init && a.key == b.key && a.program_date_time == b.program_date_time;
}

// A part of a playlist is what stands there in the whole.
void check_part(std::string_view text, const MediaPlaylist& whole) {
  const auto size = whole.segments.size();
  const SegmentRange wanted{whole.media_sequence + size / 3, size / 2};
  const auto parsed = parse_playlist(text, "https://h/p/x.m3u8", wanted);
  if (!parsed) return;  // its number comes after its segments
  const auto& part = std::get<MediaPlaylist>(*parsed);
  if (part.end_sequence != whole.end_sequence || part.segments.size() != std::min(size - size / 3, size / 2))
    std::abort();
  for (std::size_t i = 0; i < part.segments.size(); ++i)
    if (!same(part.segments[i], whole.segments[size / 3 + i])) std::abort();
  if (part.more != (size / 3 + part.segments.size() < size)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aircheck;
  const auto text = as_text(std::as_bytes(std::span(data, size)));
  const auto playlist = parse_playlist(text, "https://h/p/x.m3u8");
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
  check_part(text, std::get<MediaPlaylist>(*playlist));
  return 0;
}
