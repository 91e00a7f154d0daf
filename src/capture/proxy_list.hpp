#pragma once
// The proxies to go through, and how they fare: one serves for everything, for URLs are bound to the address that asked for
// them. One that fails goes to the back for a while, and the next takes over. Pure: it is told the time. Not thread-safe.

#include <string>
#include <string_view>
#include <vector>

#include "net/loop.hpp"

namespace aircheck::capture {

class ProxyList {
 public:
  /// In the order of preference. None at all: what the environment says.
  explicit ProxyList(std::vector<std::string> urls, milliseconds rest = std::chrono::minutes{10});

  /// Empty when there is none.
  const std::string& current() const;
  std::size_t size() const { return entries_.size(); }
  /// The current one has failed. True when another takes over: the most preferred that does not rest, else the one whose rest
  /// is over soonest.
  bool fail(net::SteadyTime now);

 private:
  struct Entry {
    std::string url;
    net::SteadyTime rests_until{};
  };
  std::vector<Entry> entries_;  // by preference
  std::size_t current_ = 0;
  milliseconds rest_;
};

/// The proxy's address for logs: without its user and password.
std::string shown_proxy(std::string_view url);

}  // namespace aircheck::capture
