// Hostile streams: no crash, and nothing but what came in comes out, in order, behind headers that came in before.
// build/asan/bin/fuzz_stream_splitter tests/corpora/stream_splitter
#include <cstdlib>

#include "media/stream_splitter.hpp"

namespace {

using namespace aircheck;

std::size_t take_all(media::StreamSplitter& splitter, std::size_t longest) {
  std::size_t segments = 0;
  for (; const auto segment = splitter.next(); ++segments)
    if (segment->empty() || segment->size() > longest) std::abort();
  return segments;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = std::as_bytes(std::span(data, size));
  media::StreamSplitter splitter;
  std::size_t segments = 0;
  const std::size_t step = size == 0 ? 1 : 1 + std::size_t{data[size - 1]} * 16;
  for (std::size_t at = 0; at < size; at += step) {
    if (!splitter.push(input.subspan(at, std::min(step, size - at)))) return 0;
    segments += take_all(splitter, size);
  }
  splitter.finish();
  segments += take_all(splitter, size);
  if (segments > size) std::abort();
  return 0;
}
