#include "aws/credentials.hpp"

#include <fmt/core.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <thread>

#include "base/json.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "base/uri.hpp"

namespace aircheck::aws {
namespace {

using nlohmann::json;

constexpr seconds kRenewBefore{5 * 60};
constexpr seconds kRenewalPause{10};  // between two attempts, while the old ones are still good
constexpr milliseconds kEndpointLimit{2'000};
constexpr int kEndpointTries = 4;  // of a container's, where nothing can be done without it
constexpr milliseconds kEndpointPause{250};

// The form that the container's and the instance's endpoint share.
Result<Credentials> credentials_in_json(ByteView body, std::string_view from) {
  const auto value = json::parse(as_text(body), nullptr, false);
  if (!value.is_object()) return fail(ErrorKind::corrupt, fmt::format("{} gave no JSON", from));
  Credentials out{text_member(value, "AccessKeyId"), text_member(value, "SecretAccessKey"), text_member(value, "Token"),
                  from_rfc3339(text_member(value, "Expiration"))};
  if (out.access_key.empty() || out.secret_key.empty())
    return fail(ErrorKind::unauthorized, fmt::format("{} gave no keys: {}", from, text_member(value, "Message")));
  return out;
}

std::optional<std::string> content_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return {};
  return std::string{std::istreambuf_iterator<char>(in), {}};
}

// One walk through all sources.
class Chain {
 public:
  Chain(const CredentialOptions& options, int tries) : options_(options), tries_(tries) {}

  Result<Credentials> walk() const {
    if (auto found = in_environment()) return *std::move(found);
    if (auto found = in_profile()) return *std::move(found);
    if (auto url = container_url()) return from_container(*url);
    if (variable("AWS_EC2_METADATA_DISABLED") != "true")
      if (auto found = from_instance()) return found;
    return fail(ErrorKind::unauthorized,
                "no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile with AWS_PROFILE, "
                "or give the task or instance a role");
  }

 private:
  std::string variable(std::string_view name) const { return options_.environment(name).value_or(""); }

  std::optional<Credentials> in_environment() const {
    Credentials out{
        variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY"), variable("AWS_SESSION_TOKEN"), {}};
    if (out.access_key.empty() || out.secret_key.empty()) return {};
    return out;
  }

  std::optional<Credentials> in_profile() const {
    auto profile = variable("AWS_PROFILE");
    if (profile.empty()) profile = "default";
    const auto home = variable("HOME") + "/.aws/";
    const std::pair<const char*, std::string> places[] = {{"AWS_SHARED_CREDENTIALS_FILE", home + "credentials"},
                                                          {"AWS_CONFIG_FILE", home + "config"}};
    for (const auto& [name, usual] : places) {
      const auto chosen = variable(name);
      const auto text = content_of(chosen.empty() ? usual : chosen);
      if (auto found = text ? credentials_in_profile(*text, profile) : std::nullopt) return found;
    }
    return {};
  }

  std::optional<std::string> container_url() const {
    const auto relative = variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    if (!relative.empty()) return "http://169.254.170.2" + relative;
    return options_.environment("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  }

  // The token must not go to whomever a variable names: over TLS, or to this machine.
  static bool may_have_token(const std::string& url) {
    const auto parts = parse_uri(url);
    if (!parts || !parts->scheme) return false;
    if (*parts->scheme == "https") return true;
    return parts->host == "169.254.170.2" || parts->host == "169.254.170.23" || parts->host == "localhost" ||
           parts->host == "::1" || parts->host == "fd00:ec2::23" || parts->host.starts_with("127.");
  }

  Result<Credentials> from_container(const std::string& url) const {
    if (!may_have_token(url))
      return fail(ErrorKind::unauthorized,
                  fmt::format("credentials are not asked from {}: neither TLS nor local", url));
    net::HttpRequest request{.url = url};
    auto token = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    const auto file = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    if (!file.empty()) token = trim(content_of(file).value_or(""));
    if (!token.empty()) request.headers.push_back("Authorization: " + token);
    return credentials_in_json(TRY(fetch_in_the_end(request)).body, "the container's credential endpoint");
  }

  // Slow where many tasks start at once. A recorder that gave up here would leave its stream to one that starts anew.
  Result<net::HttpResponse> fetch_in_the_end(const net::HttpRequest& request) const {
    for (int tries = 1;; ++tries) {
      auto answer = fetch(request);
      if (answer || tries >= tries_ || !is_transient(answer.error().kind)) return answer;
      if (!options_.fetch) std::this_thread::sleep_for(kEndpointPause * tries);
    }
  }

  Result<Credentials> from_instance() const {
    auto base = variable("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    if (base.empty()) base = "http://169.254.169.254";
    while (base.ends_with('/')) base.pop_back();
    const auto session = TRY(fetch({.url = base + "/latest/api/token",
                                    .method = "PUT",
                                    .headers = {"X-aws-ec2-metadata-token-ttl-seconds: 21600"}}));
    const auto token = fmt::format("X-aws-ec2-metadata-token: {}", as_text(session.body));
    const auto roles = base + "/latest/meta-data/iam/security-credentials/";
    const auto listed = TRY(fetch({.url = roles, .headers = {token}}));
    const auto names = as_text(listed.body);
    const std::string role(trim(names.substr(0, names.find('\n'))));
    return credentials_in_json(TRY(fetch({.url = roles + role, .headers = {token}})).body, "the instance's metadata");
  }

  Result<net::HttpResponse> fetch(net::HttpRequest request) const {
    request.connect_timeout = request.total_timeout = kEndpointLimit;
    request.max_redirects = 0;
    request.max_bytes = 1u << 20;
    auto answer = options_.fetch ? options_.fetch(request) : net::fetch_now(request, {.no_proxy = "*"});
    return net::expect_success(TRY(std::move(answer)));
  }

  const CredentialOptions& options_;
  int tries_;
};

}  // namespace

Environment process_environment() {
  return [](std::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());
    if (!value || !*value) return {};
    return value;
  };
}

std::string region_of(const Environment& environment) {
  for (const auto* name : {"AWS_REGION", "AWS_DEFAULT_REGION"})
    if (auto region = environment(name)) return *region;
  return "us-east-1";
}

std::optional<Credentials> credentials_in_profile(std::string_view text, std::string_view profile) {
  Credentials out;
  bool inside = false;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with('[')) {
      auto name = trim(line.substr(1, line.find(']') - 1));
      if (name.starts_with("profile ")) name = trim(name.substr(8));
      inside = name == profile;
      continue;
    }
    const auto equals = line.find('=');
    if (!inside || equals == std::string_view::npos || line.starts_with('#')) continue;
    const auto name = trim(line.substr(0, equals)), value = trim(line.substr(equals + 1));
    if (name == "aws_access_key_id") out.access_key = value;
    if (name == "aws_secret_access_key") out.secret_key = value;
    if (name == "aws_session_token") out.session_token = value;
  }
  if (out.access_key.empty() || out.secret_key.empty()) return {};
  return out;
}

CredentialSource::CredentialSource(CredentialOptions options) : options_(std::move(options)) {
  if (!options_.clock) options_.clock = &system_clock_;
}

Result<Credentials> CredentialSource::load() const {
  const bool others_serve = held_ && !must_renew_ && (!held_->expires_at || *held_->expires_at > options_.clock->now());
  return Chain(options_, others_serve ? 1 : kEndpointTries).walk();
}

Result<Credentials> CredentialSource::get() {
  const std::lock_guard lock(mutex_);
  const auto now = options_.clock->now();
  const auto good_for = [&](seconds time) {
    return held_ && !must_renew_ && (!held_->expires_at || *held_->expires_at - time > now);
  };
  if (good_for(kRenewBefore) || (good_for(seconds{0}) && retry_at_ && now < *retry_at_)) return *held_;
  auto loaded = load();
  if (loaded) {
    held_ = *std::move(loaded);
    must_renew_ = false;
    retry_at_.reset();
    return *held_;
  }
  if (!good_for(seconds{0})) return wrap(loaded.error(), "AWS credentials");
  log::warn("AWS credentials could not be renewed yet: {}", loaded.error().message);
  retry_at_ = now + kRenewalPause;
  return *held_;
}

void CredentialSource::refused(const Credentials& credentials) {
  const std::lock_guard lock(mutex_);
  if (held_ && held_->access_key == credentials.access_key && held_->session_token == credentials.session_token)
    must_renew_ = true;
}

}  // namespace aircheck::aws
