// Packed audio, its ID3 tags, and the sniffing that comes before.
#include <cstdlib>

#include "media/packed_audio.hpp"
#include "media/sniff.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aircheck::media;
  const auto bytes = std::as_bytes(std::span(data, size));
  static_cast<void>(sniff(bytes));
  TsState state;
  for (int i = 0; i < 2; ++i) {
    const auto segment = demux_packed_audio(bytes, state);
    if (segment && (segment->tracks.size() != 1 || segment->packets.empty())) std::abort();
  }
  return 0;
}
