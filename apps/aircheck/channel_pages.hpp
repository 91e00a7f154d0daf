#pragma once
// YouTube's channels by HTTP alone: feeds, channels' pages and, where there is no yt-dlp, videos' pages. Driven by one thread,
// which each question blocks; interrupt() may be called from any.

#include <atomic>
#include <map>
#include <optional>
#include <string>

#include "dispatch/watcher.hpp"
#include "net/loop.hpp"

namespace aircheck::apps {

class ChannelPages : public dispatch::ChannelSource {
 public:
  explicit ChannelPages(net::HttpOptions http) : proxy_(http.proxy), loop_(std::move(http)) {}

  /// Reads the channel's page for the feed that it links to.
  Result<std::string> channel_id(const std::string& channel) override;
  /// Asks only for what is new since the last time, where the server can tell.
  Result<ChannelFeed> feed(const std::string& channel_id) override;
  /// By the video's page: less certain than yt-dlp, and it costs no processor.
  Result<dispatch::Broadcast> broadcast(const std::string& url) override;

  /// How long each answer may take from now on; 15 s unless told otherwise.
  void set_patience(milliseconds patience) { patience_ = patience; }
  /// Ends the present question, and all that follow, with `cancelled`.
  void interrupt();

 protected:
  const std::string& proxy() const { return proxy_; }
  net::Loop& loop() { return loop_; }
  /// Runs the loop until there is an answer; `cancelled` when interrupted.
  template <class Answer>
  Result<Answer> wait_for(const std::optional<Result<Answer>>& answer) {
    while (!answer && !interrupted_) loop_.run_once(kLook);
    if (answer) return *answer;
    return fail(ErrorKind::cancelled, "the program ends");
  }

 private:
  static constexpr seconds kLook{1};  // how long an interruption may go unnoticed at most

  struct Known {
    std::string etag, last_modified;
    ChannelFeed feed;
  };

  net::HttpRequest request_for(std::string url, std::size_t max_bytes) const;
  Result<std::string> page(const std::string& url);
  Result<net::HttpResponse> fetch(net::HttpRequest request);

  std::string proxy_;
  net::Loop loop_;
  milliseconds patience_{15'000};
  std::map<std::string, Known> feeds_;  // by channel id
  std::atomic<bool> interrupted_ = false;
};

}  // namespace aircheck::apps
