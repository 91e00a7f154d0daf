#pragma once
// A plain client for tests of the server: a socket to loopback, text in and out, with a time limit on every read. Test code
// only.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>

namespace aircheck::server {

class TestClient {
 public:
  /// `address`: "http://127.0.0.1:PORT"
  explicit TestClient(const std::string& address) {
    const auto port = std::atoi(address.substr(address.rfind(':') + 1).c_str());
    host_ = "127.0.0.1:" + std::to_string(port);
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval limit{.tv_sec = 10};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  }
  ~TestClient() { ::close(socket_); }
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;

  bool connected() const { return connected_; }
  const std::string& host() const { return host_; }

  void send(std::string_view text) {
    while (!text.empty()) {
      const auto count = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (count <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  /// Sends a request with our Host; `headers` are whole lines.
  void ask(const std::string& method, const std::string& target, const std::string& headers = {},
           const std::string& body = {}) {
    const auto length = body.empty() ? std::string{} : "Content-Length: " + std::to_string(body.size()) + "\r\n";
    send(method + " " + target + " HTTP/1.1\r\nHost: " + host_ + "\r\n" + headers + length + "\r\n" + body);
  }

  /// Everything up to and with `end`; what there was when the connection ended or nothing came for ten seconds.
  std::string read_until(std::string_view end) {
    auto at = buffer_.find(end);
    while (at == std::string::npos && receive()) at = buffer_.find(end);
    return take(at == std::string::npos ? buffer_.size() : at + end.size());
  }
  std::string read_bytes(std::size_t count) {
    while (buffer_.size() < count && receive()) {
    }
    return take(std::min(count, buffer_.size()));
  }
  /// Whether the server has closed the connection, once it has, within the time limit.
  bool ended() {
    while (receive()) {
    }
    return ended_;
  }

  struct Answer {
    int status = 0;
    std::string head, body;
    /// The value of a header as the server spells it; empty when it is not there.
    std::string header(const std::string& name) const {
      const auto at = head.find("\r\n" + name + ": ");
      if (at == std::string::npos) return {};
      const auto begin = at + name.size() + 4;
      return head.substr(begin, head.find("\r\n", begin) - begin);
    }
  };
  Answer read_answer(bool with_body = true) {
    Answer answer;
    answer.head = read_until("\r\n\r\n");
    if (answer.head.size() > 12) answer.status = std::atoi(answer.head.substr(9, 3).c_str());
    const auto length = std::strtoull(answer.header("Content-Length").c_str(), nullptr, 10);
    if (with_body) answer.body = read_bytes(length);
    return answer;
  }

 private:
  bool receive() {
    char piece[64 * 1024];
    const auto count = ::recv(socket_, piece, sizeof piece, 0);
    if (count > 0) buffer_.append(piece, static_cast<std::size_t>(count));
    else ended_ = count == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
    return count > 0;
  }
  std::string take(std::size_t count) {
    auto text = buffer_.substr(0, count);
    buffer_.erase(0, count);
    return text;
  }

  int socket_ = -1;
  bool connected_ = false, ended_ = false;
  std::string host_, buffer_;
};

}  // namespace aircheck::server
