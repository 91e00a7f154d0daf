#pragma once
// A tiny HTTP server for tests: on a free port of loopback, one thread, one connection at a time answered by a function that
// maps a request's target to raw bytes to send. Test code only.

#include <fmt/core.h>

#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "net/test_listener.hpp"

namespace aircheck::net {

class TestServer {
 public:
  /// Gets the target ("/a?b") and how often it has been asked for before; returns the whole answer, head and body.
  using Answer = std::function<std::string(const std::string& target, int before)>;

  explicit TestServer(Answer answer) : answer_(std::move(answer)) {}
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  std::string url(const std::string& target) const {
    return fmt::format("http://127.0.0.1:{}{}", listener_.port(), target);
  }
  int asked(const std::string& target) const {
    const std::scoped_lock lock(mutex_);
    const auto found = counts_.find(target);
    return found == counts_.end() ? 0 : found->second;
  }

  static std::string ok(const std::string& body) {
    return fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}", body.size(), body);
  }
  static std::string status(int code) {
    return fmt::format("HTTP/1.1 {} Status\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", code);
  }

 private:
  void answer(int connection) {
    std::string request;
    char buffer[4096];
    while (request.find("\r\n\r\n") == std::string::npos) {
      const auto count = ::recv(connection, buffer, sizeof buffer, 0);
      if (count <= 0) return;
      request.append(buffer, static_cast<std::size_t>(count));
    }
    const auto begin = request.find(' ') + 1;
    const auto target = request.substr(begin, request.find(' ', begin) - begin);
    int before = 0;
    {
      const std::scoped_lock lock(mutex_);
      before = counts_[target]++;
    }
    const auto reply = answer_(target, before);
    TestListener::send_all(connection, reply);
  }

  Answer answer_;
  mutable std::mutex mutex_;
  std::map<std::string, int> counts_;
  TestListener listener_{[this](int connection) {  // the last, for its thread needs the others
    answer(connection);
    ::shutdown(connection, SHUT_WR);
    ::close(connection);
  }};
};

}  // namespace aircheck::net
