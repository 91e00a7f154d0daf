// Any bytes as a request: the first line is "METHOD PATH?QUERY", then headers up to an empty line, then the body. Every
// answer must be a possible one, whatever comes.
#include <cstdint>
#include <cstdlib>

#include "api/test_ports.hpp"

namespace {

using namespace aircheck;

std::string_view take_line(std::string_view& text) {
  const auto end = std::min(text.find('\n'), text.size());
  const auto line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

api::Request parse(std::string_view text) {
  api::Request request;
  const auto first = take_line(text);
  const auto blank = std::min(first.find(' '), first.size());
  request.method = first.substr(0, blank);
  const auto target = first.substr(std::min(blank + 1, first.size()));
  const auto mark = std::min(target.find('?'), target.size());
  request.path = target.substr(0, mark);
  request.query = target.substr(std::min(mark + 1, target.size()));
  for (auto line = take_line(text); !line.empty(); line = take_line(text)) {
    const auto colon = std::min(line.find(':'), line.size());
    request.headers[std::string(line.substr(0, colon))] = line.substr(std::min(colon + 1, line.size()));
  }
  request.body = text;
  return request;
}

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
  api::TestWorld world;
  const auto job = world.add(JobStatus::completed, "T\xc3\xb6ne\r\n\"x\"");
  world.recordings.put(job.recordings[0].key, "0123456789");
  world.add(JobStatus::recording);
  check(api::handle(parse({reinterpret_cast<const char*>(data), size}), world.context));
  return 0;
}
