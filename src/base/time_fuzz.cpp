// Any bytes as a time: what is read can be written, and is the same when it is read again.
#include <cstdlib>

#include "base/bytes.hpp"
#include "base/time.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aircheck;
  const auto text = as_text(std::as_bytes(std::span(data, size)));
  if (const auto duration = parse_duration(text); duration && duration->count() < 0) std::abort();
  const auto instant = from_rfc3339(text);
  if (!instant) return 0;
  const auto written = to_rfc3339(*instant);
  if (written.size() != 24 || from_rfc3339(written) != instant) std::abort();
  return 0;
}
