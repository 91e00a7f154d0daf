// A row of the store, a job's or a watch's: what is read can be written, and is the same when it is read again.
#include <cstdlib>

#include "base/bytes.hpp"
#include "core/job_json.hpp"
#include "core/watch_json.hpp"

namespace {

template <class Value>
void check(aircheck::Result<Value> (&read)(std::string_view), std::string_view text) {
  const auto value = read(text);
  if (!value) return;
  const auto again = read(to_json_text(*value));
  if (!again || *again != *value) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aircheck;
  const auto text = as_text(std::as_bytes(std::span(data, size)));
  check(job_from_json_text, text);
  check(watch_from_json_text, text);
  return 0;
}
