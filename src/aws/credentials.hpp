#pragma once
// Where credentials come from, in the order of AWS's own SDKs: the environment, a profile file, the container's endpoint
// (ECS), the instance's (EC2, IMDSv2). `CredentialSource` keeps what it got and asks again before it expires. Thread-safe.

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "aws/sigv4.hpp"
#include "base/result.hpp"
#include "core/ports.hpp"
#include "net/http.hpp"

namespace aircheck::aws {

/// One variable of the environment; nothing when it is unset or empty. Tests hand in their own.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;
Environment process_environment();

/// What credentials are asked from: `fetch` carries out HTTP requests to link-local endpoints.
struct CredentialOptions {
  Environment environment = process_environment();
  std::function<Result<net::HttpResponse>(const net::HttpRequest&)> fetch;  // empty: net::fetch_now without a proxy
  const Clock* clock = nullptr;                                             // borrowed; nothing: the system's
};

class CredentialSource {
 public:
  explicit CredentialSource(CredentialOptions options = {});

  /// Credentials that are good for some minutes more, where such can be had. While the endpoint fails those that have not
  /// expired yet are handed out. `unauthorized` with what was tried when there are none.
  Result<Credentials> get();
  /// AWS has refused these: the next get() asks anew.
  void refused(const Credentials& credentials);

 private:
  Result<Credentials> load() const;

  CredentialOptions options_;
  SystemClock system_clock_;
  std::mutex mutex_;
  std::optional<Credentials> held_;
  std::optional<Instant> retry_at_;  // after a failed renewal
  bool must_renew_ = false;
};

/// The credentials of `[profile]` in the text of ~/.aws/credentials or ~/.aws/config ("[profile name]").
std::optional<Credentials> credentials_in_profile(std::string_view text, std::string_view profile);

/// AWS_REGION, AWS_DEFAULT_REGION; "us-east-1" where neither is set.
std::string region_of(const Environment& environment);

}  // namespace aircheck::aws
