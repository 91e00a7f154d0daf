#pragma once
// HTTP requests and answers as plain values. `Loop` (net/loop.hpp) carries them out; `fetch_now` is the blocking form for
// programs that do one thing at a time.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace aircheck::net {

struct Range {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

/// What is the same for all requests of a program.
struct HttpOptions {
  std::string proxy;    // "http://host:port", "socks5h://…"; empty: what the environment says
  std::string ca_file;  // PEM bundle; empty: the system's
  std::string user_agent = "Mozilla/5.0 (X11; Linux x86_64) aircheck";
  std::string no_proxy;  // hosts to reach without one, separated by commas; empty: what the environment says
};

/// Looks at an answer's body while it comes in.
class BodySink {
 public:
  virtual ~BodySink() = default;
  /// The next bytes, borrowed; `announced` is the whole body's length, 0 when nobody knows. True: they are taken and all that
  /// follow will be, too. False: they go into HttpResponse::body, and so does the rest.
  virtual bool take(ByteView bytes, std::size_t announced) = 0;
};

struct HttpRequest {
  std::string url;  // http or https only; redirects to anything else are refused
  std::string method = "GET";
  std::vector<std::string> headers;  // "Name: value"
  std::string body;
  std::vector<std::string_view>
      borrowed_body;  // instead of `body`: pieces that outlive the transfer and are not copied
  std::optional<Range> range;
  std::shared_ptr<BodySink> sink;     // may be empty
  std::size_t max_bytes = 64u << 20;  // a longer answer is an error (`corrupt`)
  milliseconds connect_timeout{10'000};
  milliseconds total_timeout{0};       // 0: none
  milliseconds stall_timeout{15'000};  // less than 1 KB/s for so long: `timeout`; 0: never
  int max_redirects = 5;
};

struct HttpResponse {
  int status = 0;
  std::string url;                                           // after redirects
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  Bytes body;
  std::size_t body_bytes = 0;  // that came, whoever took them

  /// The value of the last header of that (lower-case) name, or empty.
  std::string_view header(std::string_view name) const;
};

/// The answer itself when its status is 2xx, else the error that the status means: 404/410/204 `not_found`,
/// 401 `unauthorized`, 403 `forbidden`, 429 `rate_limited`, 5xx `unavailable`, others `invalid_input`.
Result<HttpResponse> expect_success(HttpResponse response);

/// Blocks until the answer is there. Errors are those of the transport (`unavailable`, `timeout`, `corrupt`,
/// `invalid_input` for a bad URL); an answer of any status is a success.
Result<HttpResponse> fetch_now(const HttpRequest& request, const HttpOptions& options = {});

}  // namespace aircheck::net
