// Any bytes as what yt-dlp prints: refused, or formats whose headers smuggle nothing. And any bytes as its complaint.
#include <cstdlib>

#include "base/bytes.hpp"
#include "capture/resolver.hpp"

namespace {

using namespace aircheck;

void check(const capture::Format& format) {
  if (format.width > 65'535 || format.height > 65'535) std::abort();
  for (const auto& line : format.headers)
    if (line.find_first_of("\r\n") != std::string::npos) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = as_text(std::as_bytes(std::span(data, size)));
  if (capture::classify_complaint(text).message.empty()) std::abort();
  const auto resolution = capture::parse_resolution(text);
  if (!resolution) return 0;
  for (const auto& format : resolution->formats) check(format);
  if (resolution->description.size() > 64u << 10 || resolution->thumbnails.size() > 8) std::abort();
  if (const auto at = resolution->release_at; at && (*at < Instant{} || *at > kLastInstant)) std::abort();
  return 0;
}
