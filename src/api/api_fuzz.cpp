// Any bytes as a request (request_testing.hpp): every answer must be a possible one, whatever comes.
#include <cstdint>
#include <cstdlib>

#include "api/request_testing.hpp"
#include "base/bytes.hpp"

namespace {

using namespace aircheck;

void check(const api::Response& reply) {
  if (reply.status < 200 || reply.status > 599 || reply.status == 500) std::abort();
  if (reply.status >= 400 && reply.headers.at("content-type") != "application/problem+json") std::abort();
  for (const auto& [name, value] : reply.headers)
    if (value.find_first_of("\r\n") != std::string::npos) std::abort();
  if (const auto* range = std::get_if<api::RecordingRange>(&reply.body); range && range->offset + range->length > 10)
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check(api::answer_in_a_world(as_text(std::as_bytes(std::span(data, size)))));
  return 0;
}
