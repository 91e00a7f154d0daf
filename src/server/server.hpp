#pragma once
// The HTTP server of one machine: sockets around api::handle(), server-sent events, byte ranges, and the dashboard's files
// or, without them, a page of its own. One thread does all of the sockets; calls that may block (stores, disks) run on two
// small pools of threads, one for the API and one for reading recordings.
//
// Without a token it listens on loopback only and answers only requests whose Host and Origin are its own, so that no
// web page can reach it through the user's browser. open() binds; run() serves on the calling thread until asked to stop.

#include <cstddef>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "api/api.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace aircheck::server {

struct ServerOptions {
  std::string listen = "127.0.0.1:8470";  // HOST:PORT, [IPv6]:PORT; port 0 takes any free one
  std::string web_root;                   // folder of the dashboard; empty: the built-in page
  std::string media_origin;  // "https://host[:port]" that recordings are played from, besides here; or empty
  std::vector<std::string>
      cors_origins;                    // "https://host[:port]" of pages elsewhere that may call the API; needs a token
  std::size_t max_connections = 1024;  // event streams may take half of them
  std::size_t max_header = 16 * 1024;  // bytes
  milliseconds read_timeout{15'000};   // for a whole request, and between two on one connection
  milliseconds write_timeout{30'000};  // for each piece of an answer
  milliseconds event_interval{300};    // between two looks at the change feed
  milliseconds keep_alive{15'000};     // between two comments in an event stream
};

class HttpServer {
 public:
  /// Binds and listens. `invalid_input` for an address that is none, or that is not loopback while there is no token; `io`
  /// when the port is taken. The ports in `context` are borrowed and must outlive the server.
  static Result<std::unique_ptr<HttpServer>> open(ServerOptions options, api::Context context);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// "http://127.0.0.1:8470", with the port that was really taken.
  std::string address() const;
  /// Serves until asked to stop, then lets answers under way finish for at most half a second. To be called once.
  void run(std::stop_token stop);

 private:
  class Listener;
  explicit HttpServer(std::unique_ptr<Listener> listener);
  std::unique_ptr<Listener> listener_;
};

}  // namespace aircheck::server
