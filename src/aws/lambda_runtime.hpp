#pragma once
// The loop of a Lambda on `provided.al2023`: asks the Runtime API for the next event, hands it to the handler, answers. A
// handler that fails or throws fails its event, not the process. Single-threaded.

#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"
#include "net/loop.hpp"

namespace aircheck::aws {

struct Invocation {
  std::string request_id;
  std::string function_arn;
  Instant deadline;
  std::string event;  // JSON
};

/// The answer, as JSON.
using LambdaHandler = std::function<Result<std::string>(const Invocation&)>;

class LambdaRuntime {
 public:
  /// `api`: the host and port in AWS_LAMBDA_RUNTIME_API.
  LambdaRuntime(std::string api, LambdaHandler handler);

  /// Serves one event. An error when the Runtime API cannot be talked to: the process had better end.
  Result<void> serve_one();
  /// Serves events until the API is gone; the process's exit status.
  int run();
  /// Tells Lambda that the function cannot start, with the reason; the process's exit status.
  int refuse(const Error& error);

 private:
  Result<net::HttpResponse> exchange(net::HttpRequest request);
  Result<std::string> handle(const Invocation& invocation) const;
  Result<void> post(const std::string& path, std::string body, bool is_error);

  std::string base_;
  LambdaHandler handler_;
  net::Loop loop_;
};

/// Lambda's form of an error: {"errorType": …, "errorMessage": …}.
std::string lambda_error(const Error& error);

}  // namespace aircheck::aws
