// What resolve_uri yields can be parsed, and is absolute.
#include <cstdlib>

#include "base/bytes.hpp"
#include "base/uri.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aircheck;
  const auto text = as_text(std::as_bytes(std::span(data, size)));
  static_cast<void>(resolve_uri(text, "../a/./b?c#d"));
  const auto target = resolve_uri("https://user@host:1/a/b;c?d#e", text);
  if (!target) return 0;
  const auto parts = parse_uri(*target);
  if (!parts || !parts->scheme) std::abort();
  return 0;
}
