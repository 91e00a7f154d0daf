// Hostile WebM: no crash, and no packet outside of what was given.
// build/asan/bin/fuzz_webm tests/corpora/webm
#include <cstdlib>

#include "media/fuzz_testing.hpp"
#include "media/webm.hpp"

namespace {

using namespace aircheck;
using namespace aircheck::media;

// For inputs that bring no header of their own.
WebmInit two_tracks() {
  WebmInit out;
  out.tracks.push_back({.id = 1, .codec = Codec::vp9});
  out.tracks.push_back({.id = 2, .kind = TrackKind::audio, .codec = Codec::opus, .codec_delay = milliseconds{6}});
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = std::as_bytes(std::span(data, size));
  const auto init = parse_webm_init(input);
  const auto segment = demux_webm(init ? *init : two_tracks(), input);
  if (segment) check_segment(*segment, input);
  return 0;
}
