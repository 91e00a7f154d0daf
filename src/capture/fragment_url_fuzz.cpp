// Any bytes as the address of a fragment: its number is that which was put into it, and it expires on a day that there is.
#include <cstdlib>

#include "base/bytes.hpp"
#include "capture/fragment_url.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aircheck;
  using namespace aircheck::capture;
  const auto url = as_text(std::as_bytes(std::span(data, size)));
  static_cast<void>(epoch_of(url));
  const auto expiry = expiry_of(url);
  if (expiry && (*expiry < Instant{} || *expiry > kLastInstant)) std::abort();
  constexpr milliseconds kMost{3'600'000};
  if (const auto delay = renewal_delay(url, Instant{seconds{1}}, kMost); delay > kMost || delay.count() < 0)
    std::abort();
  for (const std::uint64_t sequence : {std::uint64_t{0}, std::uint64_t{size}, UINT64_MAX})
    if (is_fragment_url(url) && sequence_in(with_sequence(url, sequence)) != sequence) std::abort();
  return 0;
}
