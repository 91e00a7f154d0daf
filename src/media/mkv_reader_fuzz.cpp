// A hostile file in place of a recording: no crash, and no packet outside of what was given.
// build/asan/bin/fuzz_mkv_reader tests/corpora/mkv_reader
#include <cstdlib>

#include "media/ebml.hpp"
#include "media/fuzz_testing.hpp"
#include "media/mkv_reader.hpp"

namespace {

using namespace aircheck;
using namespace aircheck::media;

// What follows the head, as the reader of recordings walks over it.
void walk(ByteView rest, const std::vector<Track>& tracks, ByteView input) {
  while (const auto element = read_mkv_element(rest)) {
    if (element->unknown_size || element->header + element->body > rest.size()) return;
    const auto body = rest.subspan(element->header, element->body);
    if (element->id == ebml::kCluster) {
      static_cast<void>(mkv_cluster_time(body));
      if (const auto packets = parse_mkv_cluster(body, tracks)) check_packets(*packets, tracks.size(), input);
    }
    rest = rest.subspan(element->header + element->body);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = std::as_bytes(std::span(data, size));
  const std::vector<Track> two{{.id = 1}, {.id = 2, .kind = TrackKind::audio, .codec_delay = milliseconds{6}}};
  if (const auto packets = parse_mkv_cluster(input, two)) check_packets(*packets, two.size(), input);
  const auto head = parse_mkv_head(input);
  if (!head) return 0;
  if (head->size > size) std::abort();
  walk(input.subspan(head->size), head->tracks, input);
  return 0;
}
