#include "aws/lambda_runtime.hpp"

#include <fmt/core.h>

#include <charconv>
#include <exception>
#include <optional>

#include "base/json.hpp"
#include "base/log.hpp"

namespace aircheck::aws {
namespace {

constexpr std::size_t kLargestEvent = 16u << 20;  // Lambda sends 6 MB at most

std::int64_t number_in(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

std::string lambda_error(const Error& error) {
  const nlohmann::json body{{"errorType", to_string(error.kind)}, {"errorMessage", error.message}};
  return body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

LambdaRuntime::LambdaRuntime(std::string api, LambdaHandler handler)
    : base_(fmt::format("http://{}/2018-06-01/runtime", api)),
      handler_(std::move(handler)),
      loop_({.user_agent = "aircheck", .no_proxy = "*"}) {}

// The sandbox is frozen between events: no time may run out while the next one is waited for.
Result<net::HttpResponse> LambdaRuntime::exchange(net::HttpRequest request) {
  request.stall_timeout = milliseconds{0};
  request.max_redirects = 0;
  request.max_bytes = kLargestEvent;
  std::optional<Result<net::HttpResponse>> answer;
  loop_.fetch(std::move(request), [&](Result<net::HttpResponse> response) { answer = std::move(response); });
  while (!answer) loop_.run_once(milliseconds{60'000});
  return *std::move(answer);
}

Result<void> LambdaRuntime::post(const std::string& path, std::string body, bool is_error) {
  net::HttpRequest request{.url = base_ + path,
                           .method = "POST",
                           .headers = {"Content-Type: application/json", "Expect:"},
                           .body = std::move(body)};
  if (is_error) request.headers.emplace_back("Lambda-Runtime-Function-Error-Type: Unhandled");
  const auto answer = TRY(exchange(std::move(request)));
  if (answer.status >= 200 && answer.status < 300) return {};
  return fail(ErrorKind::unavailable, fmt::format("the Runtime API answered {} to {}", answer.status, path));
}

Result<std::string> LambdaRuntime::handle(const Invocation& invocation) const {
  try {
    return handler_(invocation);
  } catch (const std::exception& exception) {
    return fail(ErrorKind::internal, exception.what());
  }
}

Result<void> LambdaRuntime::serve_one() {
  const auto next = TRY(exchange({.url = base_ + "/invocation/next"}));
  const Invocation invocation{.request_id = std::string(next.header("lambda-runtime-aws-request-id")),
                              .function_arn = std::string(next.header("lambda-runtime-invoked-function-arn")),
                              .deadline = Instant{milliseconds{number_in(next.header("lambda-runtime-deadline-ms"))}},
                              .event = std::string(as_text(next.body))};
  if (next.status != 200 || invocation.request_id.empty())
    return fail(ErrorKind::unavailable, fmt::format("the Runtime API answered {} instead of an event", next.status));
  auto answer = handle(invocation);
  const auto path = "/invocation/" + invocation.request_id;
  if (!answer) log::error("{}", answer.error().message);
  const auto posted = answer ? post(path + "/response", *std::move(answer), false)
                             : post(path + "/error", lambda_error(answer.error()), true);
  // An answer that Lambda does not take (too large, too late) fails its event only.
  if (!posted) log::error("{}", posted.error().message);
  return {};
}

int LambdaRuntime::run() {
  for (;;) {
    const auto served = serve_one();
    if (served) continue;
    log::error("{}", served.error().message);
    return 1;
  }
}

int LambdaRuntime::refuse(const Error& error) {
  log::error("{}", error.message);
  const auto posted = post("/init/error", lambda_error(error), true);
  if (!posted) log::error("{}", posted.error().message);
  return 1;
}

}  // namespace aircheck::aws
