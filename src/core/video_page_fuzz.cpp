// Any bytes as the page of a video: refused, or a state and an id that may be asked for.
#include <cstdlib>

#include "base/bytes.hpp"
#include "core/stream_url.hpp"
#include "core/video_page.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aircheck;
  const auto page = parse_video_page(as_text(std::as_bytes(std::span(data, size))));
  if (page && !page->video_id.empty() && !is_video_id(page->video_id)) std::abort();
  return 0;
}
