#pragma once
// The API's token. Terraform writes a parameter that says "unset" and never learns the real value, which the operator puts
// there later and may change at any time: so it is read again each minute. Single-threaded.

#include <functional>
#include <string>

#include "aws/client.hpp"
#include "core/ports.hpp"

namespace aircheck::lambda {

class ApiToken {
 public:
  using Read = std::function<Result<std::string>()>;
  /// Borrows the clock.
  ApiToken(const Clock& clock, Read read) : clock_(clock), read_(std::move(read)) {}

  /// Never empty. While it cannot be read, the one before; `unauthorized` as long as none was set.
  Result<std::string> get();

 private:
  const Clock& clock_;
  Read read_;
  std::string token_;
  Instant read_at_{};
};

/// From SSM's parameter `name`; borrows the client.
ApiToken::Read read_parameter(aws::Client& client, std::string name);

}  // namespace aircheck::lambda
