#include "aws/client.hpp"

#include <fmt/core.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <thread>

#include "aws/xml.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "base/uri.hpp"

namespace aircheck::aws {
namespace {

using nlohmann::json;

// Of botocore's "standard" mode.
constexpr std::string_view kThrottling[] = {"Throttling",
                                            "ThrottlingException",
                                            "ThrottledException",
                                            "RequestThrottled",
                                            "RequestThrottledException",
                                            "TooManyRequestsException",
                                            "ProvisionedThroughputExceededException",
                                            "TransactionInProgressException",
                                            "RequestLimitExceeded",
                                            "BandwidthLimitExceeded",
                                            "LimitExceededException",
                                            "SlowDown",
                                            "PriorRequestNotComplete",
                                            "EC2ThrottledException"};
constexpr std::string_view kTransient[] = {"RequestTimeout",      "RequestTimeoutException", "InternalError",
                                           "InternalServerError", "InternalFailure",         "ServiceUnavailable"};
constexpr std::string_view kSkewed[] = {"RequestTimeTooSkewed", "RequestExpired", "InvalidSignatureException",
                                        "SignatureDoesNotMatch", "AuthFailure"};
constexpr std::string_view kRefused[] = {
    "ExpiredToken",       "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException",
    "InvalidAccessKeyId", "InvalidToken",          "TokenRefreshRequired"};
constexpr std::string_view kMissing[] = {"ResourceNotFoundException",
                                         "NoSuchKey",
                                         "NoSuchBucket",
                                         "NoSuchUpload",
                                         "QueueDoesNotExist",
                                         "AWS.SimpleQueueService.NonExistentQueue",
                                         "ClusterNotFoundException",
                                         "NotFound"};
constexpr milliseconds kSkewOfNote{4 * 60'000};
constexpr milliseconds kGrace{1'000}, kLook{250};  // of a call while nobody may be waiting for it any more

template <std::size_t N>
bool is_in(const std::string_view (&list)[N], std::string_view code) {
  return std::ranges::find(list, code) != std::end(list);
}

bool is_throttled(const Answer& answer) { return answer.http.status == 429 || is_in(kThrottling, answer.code); }

bool may_heal(const Answer& answer) {
  return is_throttled(answer) || answer.http.status >= 500 || is_in(kTransient, answer.code);
}

// "com.amazonaws.sqs#QueueDoesNotExist:http://…" → "QueueDoesNotExist"
std::string bare_code(std::string_view type) {
  if (const auto hash = type.find('#'); hash != std::string_view::npos) type.remove_prefix(hash + 1);
  return std::string(type.substr(0, type.find(':')));
}

// Error answers come as JSON, as XML, or (HEAD, proxies) as a mere status.
void read_error(Answer& answer) {
  const auto text = answer.text();
  if (const auto value = json::parse(text, nullptr, false); value.is_object()) {
    answer.code = bare_code(text_member(value, "__type"));
    answer.message = text_member(value, value.contains("message") ? "message" : "Message");
  } else {
    answer.code = xml_text(text, "Code").value_or("");
    answer.message = xml_text(text, "Message").value_or("");
  }
  if (answer.code.empty()) answer.code = bare_code(answer.http.header("x-amzn-errortype"));
  if (answer.code.empty()) answer.code = fmt::format("HTTP {}", answer.http.status);
}

std::optional<Instant> date_of(const net::HttpResponse& response) {
  const std::string date(response.header("date"));
  std::tm parts{};
  if (date.empty() || !::strptime(date.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts)) return {};
  return Instant{seconds{::timegm(&parts)}};
}

// curl takes a head that breaks off for a whole one. AWS always tells the length, so that a success without it is none.
bool is_torn(const net::HttpResponse& response) {
  return response.status >= 200 && response.status < 300 && response.status != 204 &&
         response.header("content-length").empty() && response.header("transfer-encoding").empty();
}

std::string host_of(std::string_view endpoint) {
  const auto scheme = endpoint.find("://");
  auto host = scheme == std::string_view::npos ? endpoint : endpoint.substr(scheme + 3);
  host = host.substr(0, host.find('/'));
  for (const auto* port : {":443", ":80"})
    if (host.ends_with(port) && endpoint.starts_with(std::string_view(port) == ":443" ? "https:" : "http:"))
      host.remove_suffix(std::string_view(port).size());
  return std::string(host);
}

Signable signable(const Call& call) {
  return {.method = call.method,
          .host = host_of(call.endpoint),
          .path = call.path,
          .query = call.query,
          .headers = call.headers,
          .payload_hash = {}};
}

std::string upper(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return out;
}

double random_jitter() {
  thread_local std::minstd_rand random{std::random_device{}()};
  return std::uniform_real_distribution(0.0, 1.0)(random);
}

// For a hash, which is asked for only where there is no TLS.
std::string whole_body(const Call& call) {
  std::string out = call.body;
  for (const auto piece : call.borrowed_body) out += piece;
  return out;
}

net::HttpRequest to_http(const Call& call, const Pairs& headers) {
  const auto query = encode_query(call.query);
  net::HttpRequest out{.url = call.endpoint + encode_path(call.path) + (query.empty() ? "" : "?" + query),
                       .method = call.method,
                       .body = call.body};
  out.borrowed_body = call.borrowed_body;
  bool has_type = false;
  for (const auto& [name, value] : headers) {
    out.headers.push_back(fmt::format("{}: {}", name, value));
    has_type |= name == "Content-Type";
  }
  // curl would add a form's type, which nobody signed, and wait a second for a leave to send that few servers give.
  if (!has_type) out.headers.emplace_back("Content-Type:");
  out.headers.emplace_back("Expect:");
  out.max_bytes = call.max_bytes;
  out.total_timeout = call.attempt_timeout;
  out.stall_timeout = call.stall_timeout;
  out.connect_timeout = milliseconds{5'000};
  out.max_redirects = 0;
  return out;
}

}  // namespace

Error to_error(const Answer& answer) {
  const auto text = answer.message.empty() ? answer.code : fmt::format("{}: {}", answer.code, answer.message);
  const auto kind = [&] {
    if (is_throttled(answer)) return ErrorKind::rate_limited;
    if (answer.http.status >= 500) return ErrorKind::unavailable;
    if (answer.code == "ConditionalCheckFailedException" || answer.code == "PreconditionFailed")
      return ErrorKind::conflict;
    if (is_in(kMissing, answer.code) || answer.http.status == 404) return ErrorKind::not_found;
    if (is_in(kTransient, answer.code)) return ErrorKind::timeout;
    if (is_in(kRefused, answer.code) || is_in(kSkewed, answer.code) || answer.http.status == 401)
      return ErrorKind::unauthorized;
    if (answer.http.status == 403 || answer.code.starts_with("AccessDenied")) return ErrorKind::forbidden;
    return ErrorKind::invalid_input;
  }();
  return {kind, text};
}

// A loop, and with it kept connections, borrowed for one call.
class Client::Lease {
 public:
  explicit Lease(Client& client) : client_(client), loop_(client.take_loop()) {}
  ~Lease() { client_.give_loop(std::move(loop_)); }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  net::Loop& operator*() { return *loop_; }

 private:
  Client& client_;
  std::unique_ptr<net::Loop> loop_;
};

Client::Client(CredentialSource& credentials, ClientOptions options)
    : credentials_(credentials), options_(std::move(options)) {
  region_ = options_.region.empty() ? region_of(options_.environment) : options_.region;
  if (!options_.clock) options_.clock = &system_clock_;
  if (!options_.jitter) options_.jitter = random_jitter;
  options_.http.user_agent = "aircheck";
}

Client::~Client() = default;

std::unique_ptr<net::Loop> Client::take_loop() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return std::make_unique<net::Loop>(options_.http);
  auto loop = std::move(idle_.back());
  idle_.pop_back();
  return loop;
}

void Client::give_loop(std::unique_ptr<net::Loop> loop) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(loop));
}

Instant Client::now() const { return options_.clock->now() + milliseconds{skew_ms_.load()}; }

bool Client::has_custom_endpoint(std::string_view service) const {
  return options_.environment("AWS_ENDPOINT_URL_" + upper(service)) || options_.environment("AWS_ENDPOINT_URL");
}

std::string Client::endpoint(std::string_view service) const {
  auto chosen = options_.environment("AWS_ENDPOINT_URL_" + upper(service));
  if (!chosen) chosen = options_.environment("AWS_ENDPOINT_URL");
  if (!chosen) return fmt::format("https://{}.{}.amazonaws.com", service, region_);
  while (chosen->ends_with('/')) chosen->pop_back();
  return *chosen;
}

Charges Client::charges() const {
  const std::lock_guard lock(charges_mutex_);
  return charges_;
}

void Client::charge(const Call& call) const {
  const std::lock_guard lock(charges_mutex_);
  const auto has = [&](std::string_view name) {
    return std::ranges::any_of(call.query, [name](const auto& pair) { return pair.first == name; });
  };
  if (call.service == "s3") {
    const bool lists = call.method == "GET" && (has("list-type") || has("uploads"));
    if (call.method == "PUT" || call.method == "POST" || lists) ++charges_.s3_writes;
    else if (call.method != "DELETE") ++charges_.s3_reads;
  } else if (call.service == "dynamodb") {
    const bool writes = std::ranges::any_of(call.headers, [](const auto& header) {
      return header.first == "X-Amz-Target" && header.second.ends_with("Item") && !header.second.ends_with("GetItem");
    });
    if (writes) charges_.dynamo_writes += 3 * (1 + call.body.size() / 1024);
    else ++charges_.dynamo_reads;
  }
}

bool Client::is_given_up(const Call& call) const {
  return call.stop.stop_requested() || (!call.stop.stop_possible() && given_up());
}

// Runs the loop until `done` says so or the caller wants to stop; whether it was done.
template <class Done>
bool Client::run_until(net::Loop& loop, const Call& call, net::SteadyTime end, Done&& done) const {
  const std::stop_callback wake(call.stop, [&loop] { loop.wake(); });
  const auto slice = options_.given_up && !call.stop.stop_possible() ? kLook : milliseconds{60'000};
  const auto grace = net::Loop::now() + kGrace;
  while (!done()) {
    const auto left = std::chrono::ceil<milliseconds>(end - net::Loop::now());
    if (call.stop.stop_requested() || left.count() <= 0) return false;
    if (net::Loop::now() >= grace && is_given_up(call)) return false;
    loop.run_once(std::min(left, slice));
  }
  return true;
}

Result<Answer> Client::attempt(net::Loop& loop, const Call& call, const Credentials& credentials) const {
  auto request = signable(call);
  const bool leave_out = call.unsigned_payload && call.endpoint.starts_with("https:");
  request.payload_hash = leave_out ? std::string(kUnsignedPayload) : sha256_hex(as_bytes(whole_body(call)));
  const auto headers = sign(request, credentials, {region_, call.service}, now());

  charge(call);
  std::optional<Result<net::HttpResponse>> got;
  const auto id =
      loop.fetch(to_http(call, headers), [&](Result<net::HttpResponse> response) { got = std::move(response); });
  if (!run_until(loop, call, net::SteadyTime::max(), [&] { return got.has_value(); })) {
    loop.cancel(id);
    return fail(ErrorKind::cancelled, "the call was given up");
  }
  Answer answer;
  answer.http = TRY(*std::move(got));
  if (is_torn(answer.http)) return fail(ErrorKind::unavailable, "the answer broke off in its head");
  if (answer.http.status < 200 || answer.http.status >= 300) read_error(answer);
  return answer;
}

// A server's Date tells how far our clock is off. Whether a repetition may now be understood. What refuses a HEAD has no words
// for the reason.
bool Client::correct_clock(const Answer& answer) {
  if (!is_in(kSkewed, answer.code) && answer.code != "HTTP 403") return false;
  const auto theirs = date_of(answer.http);
  if (!theirs) return false;
  const auto off = *theirs - now();
  if (std::chrono::abs(off) < kSkewOfNote) return false;
  skew_ms_ += off.count();
  log::warn("this machine's clock is {} s off AWS's; signing by theirs", off.count() / 1000);
  return true;
}

// Whether something was set right that makes a repetition worthwhile at once.
bool Client::heal(const Answer& answer, const Credentials& credentials) {
  if (correct_clock(answer)) return true;
  if (!is_in(kRefused, answer.code)) return false;
  credentials_.refused(credentials);
  const auto fresh = credentials_.get();
  return fresh && fresh->access_key + fresh->session_token != credentials.access_key + credentials.session_token;
}

// Full jitter: the many that failed together must not come back together.
milliseconds Client::delay(int attempt, bool throttled) const {
  const auto first = throttled ? options_.first_throttled_delay : options_.first_delay;
  const auto longest = std::min<double>(static_cast<double>(options_.longest_delay.count()),
                                        static_cast<double>(first.count()) * std::pow(2.0, attempt - 1));
  return milliseconds{static_cast<std::int64_t>(longest * options_.jitter())};
}

Result<Answer> Client::call(const Call& wanted) {
  auto call = wanted;
  if (call.endpoint.empty()) call.endpoint = endpoint(call.service);
  Lease lease(*this);
  for (int attempts = 1, healed = 0;; ++attempts) {
    const auto credentials = TRY(credentials_.get());
    auto answer = attempt(*lease, call, credentials);
    if (answer) answer->attempts = attempts;
    if (answer && (answer->ok() || !may_heal(*answer))) {
      if (answer->ok() || healed == 2 || !heal(*answer, credentials)) return answer;
      ++healed;
      continue;
    }
    const auto kind = answer ? ErrorKind::unavailable : answer.error().kind;
    const bool lost = kind == ErrorKind::unavailable || kind == ErrorKind::timeout || kind == ErrorKind::corrupt;
    if (!lost || attempts >= options_.attempts) return answer;
    const auto pause = delay(attempts, answer && is_throttled(*answer));
    log::debug("{} {} is tried again in {} ms: {}", call.service, call.method, pause.count(),
               answer ? answer->code : answer.error().message);
    run_until(*lease, call, net::Loop::now() + pause, [] { return false; });
    if (is_given_up(call)) return fail(ErrorKind::cancelled, "the call was given up");
  }
}

Result<Answer> Client::succeed(const Call& call) {
  auto answer = TRY(this->call(call));
  if (!answer.ok()) return std::unexpected(to_error(answer));
  return answer;
}

Result<std::string> Client::presign(const Call& wanted, seconds validity) {
  auto call = wanted;
  if (call.endpoint.empty()) call.endpoint = endpoint(call.service);
  const auto credentials = TRY(credentials_.get());
  return call.endpoint + aws::presign(signable(call), credentials, {region_, call.service}, now(), validity);
}

}  // namespace aircheck::aws
