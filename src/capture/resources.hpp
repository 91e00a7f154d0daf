#pragma once
// The small things that segments need beside themselves: init sections and decryption keys. Each is fetched once, tried
// again on failure for a bounded time, and kept while it is among the last few used. Not thread-safe.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "net/loop.hpp"

namespace aircheck::capture {

class Resources {
 public:
  Resources(net::Loop& loop, std::function<void()> on_change) : loop_(loop), on_change_(std::move(on_change)) {}
  ~Resources();
  Resources(const Resources&) = delete;
  Resources& operator=(const Resources&) = delete;

  struct Wanted {
    std::string uri;
    std::optional<net::Range> range;
    std::string key() const;
  };

  /// The bytes (valid until the next call), nothing while they are on their way (on_change is called then), or the error
  /// that made us give up after `patience`.
  Result<std::optional<ByteView>> look(const Wanted& wanted, const std::vector<std::string>& headers,
                                       milliseconds patience);

 private:
  struct Entry {
    std::optional<Bytes> bytes;
    std::optional<Error> error;
    net::SteadyTime since{};
    int tries = 0;
    net::FetchId fetch{};
    net::TimerId retry{};
    std::uint64_t used = 0;
  };
  void start(const Wanted& wanted, const std::vector<std::string>& headers);
  void answered(const Wanted& wanted, const std::vector<std::string>& headers, Result<net::HttpResponse> answer);
  void forget_oldest();
  void forget(const std::string& key);

  net::Loop& loop_;
  std::function<void()> on_change_;
  std::map<std::string, Entry> entries_;
  std::uint64_t uses_ = 0;
};

}  // namespace aircheck::capture
