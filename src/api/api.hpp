#pragma once
// The HTTP interface of aircheck (api/openapi.yaml) as one pure function from request to response. Nothing of sockets is in
// here: the server and the Lambda turn their own requests into these and answer with what comes back.
//
// handle() keeps no state of its own and may be called from several threads at once, as the ports may. It borrows the
// ports; the context must outlive the call, not the response.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.hpp"
#include "core/job.hpp"
#include "core/ports.hpp"
#include "core/stream_url.hpp"

namespace aircheck::api {

/// Names in lower case.
using Headers = std::map<std::string, std::string, std::less<>>;

/// The most that a request's body may hold, bytes.
inline constexpr std::size_t kMaxBody = 64 * 1024;

struct Request {
  std::string method = "GET";
  std::string path;   // as sent, percent-encoded, with the prefix: "/api/jobs/0190…"
  std::string query;  // as sent, without "?"
  Headers headers;
  std::string body;
};

/// `length` bytes of a file in the recording store, from `offset`.
struct RecordingRange {
  std::string key;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  std::uint64_t whole = 0;  // bytes of the file where it is finished: of another size it is another file; 0: it grows
};

/// Server-sent events of everything after `cursor` of the change feed; 0: from now on.
struct EventStream {
  std::uint64_t cursor = 0;
};

struct Response {
  int status = 200;
  Headers headers;  // without Content-Length, which follows from the body
  /// What a GET gets. Whoever sends it leaves the body out for HEAD, and keeps its Content-Length.
  std::variant<std::string, RecordingRange, EventStream> body;
};

struct Context {
  JobStore& jobs;
  JobQueue& queue;
  RecordingStore& recordings;
  WatchStore& watches;
  ChangeFeed* changes = nullptr;  // without one there are no events
  const Clock& clock;
  UrlPolicy urls{};
  std::string token{};                          // empty: everybody may do everything
  std::function<void()> on_submitted{};         // a message was queued
  std::function<void(const Job&)> on_change{};  // a user's wish was noted in a job that a recorder may hold
  std::string prefix = "/api";
  std::string version{};                        // of the program, for /health and /metrics
  std::function<std::string()> more_metrics{};  // Prometheus text to append to /metrics
  /// Recordings are to be had elsewhere: a URL under which a file can be fetched with this Content-Disposition.
  std::function<Result<std::string>(const std::string& key, const std::string& disposition)> recording_link{};
  std::function<void()> on_watched{};  // a channel is to be watched from now on
};

/// Answers every request; errors are responses too, as application/problem+json.
Response handle(const Request& request, const Context& context);

/// An error as a response: its status, and problem+json with type, title, status, detail and, where known, hint.
Response problem(int status, std::string_view detail, std::string_view hint = {});
Response problem(const Error& error, std::string_view hint = {});

}  // namespace aircheck::api
