#pragma once
// Requests as text, for the fuzzer and its corpus: the first line is "METHOD PATH?QUERY", then headers up to an empty line, then
// the body.

#include <algorithm>
#include <string>
#include <string_view>

#include "api/test_ports.hpp"

namespace aircheck::api {

inline std::string_view take_line(std::string_view& text) {
  const auto end = std::min(text.find('\n'), text.size());
  const auto line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

inline Request parse_request(std::string_view text) {
  Request request;
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

/// The answer where there are two jobs, of which 0190f3e2-0000-7000-8000-000000000001 has a recording of ten bytes.
inline Response answer_in_a_world(std::string_view text) {
  TestWorld world;
  const auto job = world.add(JobStatus::completed, "T\xc3\xb6ne\r\n\"x\"");
  world.recordings.put(job.recordings[0].key, "0123456789");
  world.add(JobStatus::recording);
  return handle(parse_request(text), world.context);
}

}  // namespace aircheck::api
