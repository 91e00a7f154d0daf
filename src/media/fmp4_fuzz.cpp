// Hostile fragments: no crash, and no packet outside of what was given.
// build/asan/bin/fuzz_fmp4 tests/corpora/fmp4
#include <cstdlib>

#include "media/fmp4.hpp"
#include "media/fuzz_testing.hpp"
#include "media/track_change.hpp"

namespace {

using namespace aircheck;
using namespace aircheck::media;

// For inputs that bring no header of their own.
Fmp4Init two_tracks() {
  Fmp4Init out;
  out.tracks.push_back({.track = {.id = 1}, .timescale = 90'000, .defaults = {3'000, 1, 0}});
  out.tracks.push_back({.track = {.id = 2, .kind = TrackKind::audio}, .timescale = 48'000, .shift = milliseconds{-8}});
  return out;
}

void check(const DemuxedSegment& segment, ByteView input) {
  check_segment(segment, input);
  for (const auto& track : segment.tracks) {
    if (parameter_sets_prefix(track).size() > 3 * track.codec_private.size()) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = std::as_bytes(std::span(data, size));
  const auto init = parse_fmp4_init(input);
  const auto segment = demux_fmp4(init ? *init : two_tracks(), input);
  if (segment) check(*segment, input);
  return 0;
}
