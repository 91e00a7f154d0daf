#pragma once
// For tests: moto (tests/aws/moto_world.py) as AWS, on a free port, one server for the test program. It ends with the
// program, even with one that is killed. AIRCHECK_TEST_S3_URL, _SQS_URL and _DYNAMODB_URL put another server in its place
// for one service (tools/second-opinion). Single-threaded.

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

#include "aws/client.hpp"
#include "aws/python_testing.hpp"
#include "net/http.hpp"

namespace aircheck::aws {

class Moto {
 public:
  /// Started at the first call.
  static Moto& instance() {
    static Moto moto;
    return moto;
  }
  ~Moto() {
    ::close(lifeline_);
    ::waitpid(process_, nullptr, 0);
  }
  Moto(const Moto&) = delete;
  Moto& operator=(const Moto&) = delete;

  const std::string& url() const { return url_; }
  /// A name that no other test uses.
  std::string fresh(const std::string& what) {
    return what + "-" + std::to_string(::getpid()) + "-" + std::to_string(++names_);
  }
  /// SQS's clock stands there from now on.
  void set_time(Instant now) {
    if (now == time_) return;
    time_ = now;
    control("time?ms=" + std::to_string(now.time_since_epoch().count()));
  }
  /// The next `count` requests whose method, path, query or X-Amz-Target holds `on` fail: "lost" (done, but answered with
  /// 500), "500" or "throttle" (not done).
  void fail_next(const std::string& on, const std::string& kind, int count = 1) {
    control("fault?on=" + encode_path(on) + "&kind=" + kind + "&count=" + std::to_string(count));
  }
  /// Where another server stands in for a service, "S3".
  static std::optional<std::string> other_server(std::string_view service) {
    const char* url = std::getenv(("AIRCHECK_TEST_" + std::string(service) + "_URL").c_str());
    return url && *url ? std::optional<std::string>(url) : std::nullopt;
  }
  /// The environment of a program in this world.
  Environment environment() const {
    return [url = url_](std::string_view name) -> std::optional<std::string> {
      constexpr std::string_view kOneService = "AWS_ENDPOINT_URL_";
      if (name == "AWS_ENDPOINT_URL") return url;
      if (name.starts_with(kOneService)) return other_server(name.substr(kOneService.size()));
      if (name == "AWS_ACCESS_KEY_ID" || name == "AWS_SECRET_ACCESS_KEY") return "testing1";
      if (name == "AWS_REGION") return "eu-central-1";
      return {};
    };
  }

 private:
  Moto() {
    int to[2], from[2];
    if (::pipe2(to, O_CLOEXEC) != 0 || ::pipe2(from, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    const auto python = python_program();
    process_ = ::fork();
    if (process_ == 0) {
      ::dup2(to[0], 0);
      ::dup2(from[1], 1);
      ::execl(python.c_str(), python.c_str(), AIRCHECK_SOURCE_DIR "/tests/aws/moto_world.py", nullptr);
      ::_exit(127);
    }
    ::close(to[0]);
    ::close(from[1]);
    lifeline_ = to[1];
    std::string port;
    for (char c; ::read(from[0], &c, 1) == 1 && c != '\n';) port += c;
    ::close(from[0]);
    if (port.empty()) throw std::runtime_error("moto does not start; tools/setup installs it");
    url_ = "http://127.0.0.1:" + port;
  }

  void control(const std::string& what) {
    const auto answer =
        net::fetch_now({.url = url_ + "/_world/" + what, .method = "POST", .max_redirects = 0}, {.no_proxy = "*"});
    if (!answer || answer->status != 200) throw std::runtime_error("moto's world does not obey");
  }

  pid_t process_ = -1;
  int lifeline_ = -1;
  int names_ = 0;
  std::optional<Instant> time_;
  std::string url_;
};

/// A client of that world.
struct MotoClient {
  CredentialSource credentials{{.environment = Moto::instance().environment()}};
  Client client{credentials,
                {.environment = Moto::instance().environment(),
                 .http = {.no_proxy = "*"},
                 .first_throttled_delay = milliseconds{50}}};
};

}  // namespace aircheck::aws
