#include "net/http.hpp"

#include <fmt/core.h>

#include "net/loop.hpp"

namespace aircheck::net {
namespace {

ErrorKind kind_of_status(int status) {
  switch (status) {
    case 204:
    case 404:
    case 410: return ErrorKind::not_found;
    case 401: return ErrorKind::unauthorized;
    case 403: return ErrorKind::forbidden;
    case 408: return ErrorKind::timeout;
    case 429: return ErrorKind::rate_limited;
    default: return status >= 500 ? ErrorKind::unavailable : ErrorKind::invalid_input;
  }
}

}  // namespace

std::string_view HttpResponse::header(std::string_view name) const {
  for (auto it = headers.rbegin(); it != headers.rend(); ++it)
    if (it->first == name) return it->second;
  return {};
}

Result<HttpResponse> expect_success(HttpResponse response) {
  if (response.status >= 200 && response.status < 300 && response.status != 204) return response;
  return fail(kind_of_status(response.status), fmt::format("the server answered {}", response.status));
}

Result<HttpResponse> fetch_now(const HttpRequest& request, const HttpOptions& options) {
  Loop loop(options);
  Result<HttpResponse> answer = fail(ErrorKind::internal, "no answer");
  loop.fetch(request, [&](Result<HttpResponse> response) {
    answer = std::move(response);
    loop.stop();
  });
  loop.run();
  return answer;
}

}  // namespace aircheck::net
