#pragma once
// One call to AWS and its repetitions: signs, sends, tries again what may succeed later (full jitter, longer where AWS
// throttles), follows the server's clock where ours is wrong, renews credentials that were refused. Every call that goes
// through here must be idempotent, for an answer that was lost means that it is made twice. Thread-safe: each caller has a
// kept connection of its own.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "aws/credentials.hpp"
#include "aws/sigv4.hpp"
#include "base/result.hpp"
#include "core/ports.hpp"
#include "net/loop.hpp"

namespace aircheck::aws {

struct ClientOptions {
  std::string region;  // empty: as the environment says
  Environment environment = process_environment();
  net::HttpOptions http{};
  const Clock* clock = nullptr;  // borrowed; nothing: the system's
  int attempts = 6;
  milliseconds first_delay{50};
  milliseconds first_throttled_delay{500};
  milliseconds longest_delay{10'000};
  std::function<double()> jitter;  // in [0, 1); empty: random
  // Whether the user can wait no longer: a call that has no stop token then ends with `cancelled`, unless it is answered
  // within its first second. Asked from the thread that makes the call, some times a second. Empty: never.
  std::function<bool()> given_up;
};

struct Call {
  std::string service;   // signing name, "dynamodb"
  std::string endpoint;  // "https://host:port"; empty: Client::endpoint(service)
  std::string method = "POST";
  std::string path = "/";  // decoded
  Pairs query{};           // decoded
  Pairs headers{};
  std::string body{};
  std::vector<std::string_view> borrowed_body{};  // instead of `body`: a large one in pieces, which are not copied
  /// The body's hash is left out of the signature where TLS protects it.
  bool unsigned_payload = false;
  std::size_t max_bytes = 16u << 20;
  milliseconds attempt_timeout{20'000};  // 0: only the stall timeout counts
  milliseconds stall_timeout{15'000};
  std::stop_token stop{};  // ends the call with `cancelled`
};

/// What AWS said in the end; an answer of any status.
struct Answer {
  net::HttpResponse http{};
  std::string code;     // "ConditionalCheckFailedException", "NoSuchKey"; empty when it succeeded
  std::string message;  // AWS's own words
  int attempts = 1;     // more than one: an earlier one may have taken effect

  bool ok() const { return code.empty(); }
  std::string_view text() const { return as_text(http.body); }
};

/// What has been sent, repetitions too, in the units that AWS charges by.
struct Charges {
  std::uint64_t s3_writes = 0, s3_reads = 0;          // PUT, POST and LIST; GET and HEAD
  std::uint64_t dynamo_writes = 0, dynamo_reads = 0;  // units, by estimate: an item stands in the table and two indexes
};

/// The error that a failed answer means.
Error to_error(const Answer& answer);

class Client {
 public:
  /// Borrows the credentials.
  explicit Client(CredentialSource& credentials, ClientOptions options = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// The answer once it is no failure that a repetition could heal, or the last one; an error when there was none.
  Result<Answer> call(const Call& call);
  /// The same where only success will do.
  Result<Answer> succeed(const Call& call);

  /// AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, or the region's own.
  std::string endpoint(std::string_view service) const;
  bool has_custom_endpoint(std::string_view service) const;
  const std::string& region() const { return region_; }
  /// A URL that anyone may GET for `validity`.
  Result<std::string> presign(const Call& call, seconds validity);
  Charges charges() const;
  /// Ours, corrected by what servers said.
  Instant now() const;
  bool given_up() const { return options_.given_up && options_.given_up(); }

 private:
  class Lease;
  Result<Answer> attempt(net::Loop& loop, const Call& call, const Credentials& credentials) const;
  template <class Done>
  bool run_until(net::Loop& loop, const Call& call, net::SteadyTime end, Done&& done) const;
  bool is_given_up(const Call& call) const;
  bool heal(const Answer& answer, const Credentials& credentials);
  bool correct_clock(const Answer& answer);
  milliseconds delay(int attempt, bool throttled) const;
  void charge(const Call& call) const;
  std::unique_ptr<net::Loop> take_loop();
  void give_loop(std::unique_ptr<net::Loop> loop);

  CredentialSource& credentials_;
  ClientOptions options_;
  SystemClock system_clock_;
  std::string region_;
  std::atomic<std::int64_t> skew_ms_{0};
  mutable std::mutex charges_mutex_;
  mutable Charges charges_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<net::Loop>> idle_;
};

}  // namespace aircheck::aws
