#pragma once
// Finds the number of the fragment that a recording begins with: the newest, the oldest that is still held, or the one that was
// made some time ago. Asks with HEAD, by bisection, one question at a time: about fifteen for a broadcast of days. One use
// per object; not thread-safe; must not outlive the loop.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "net/loop.hpp"

namespace aircheck::capture {

/// Where a new recording begins: so long before now, at most at the broadcast's own start.
struct Begin {
  bool at_start = false;
  nanoseconds ago{0};  // 0: now
  bool reaches_back() const { return at_start || ago.count() > 0; }
};

class FragmentStart {
 public:
  struct Found {
    std::uint64_t first = 0, newest = 0;
    nanoseconds each{0};  // what a fragment covers, about
  };
  using Done = std::function<void(Result<Found>)>;

  FragmentStart(net::Loop& loop, std::string url, std::vector<std::string> headers, Begin begin, Done done);
  ~FragmentStart();
  FragmentStart(const FragmentStart&) = delete;
  FragmentStart& operator=(const FragmentStart&) = delete;

 private:
  struct Head {
    std::uint64_t number = 0;
    milliseconds time{0};  // since the broadcast's start
  };
  void ask(std::optional<std::uint64_t> number);
  void answered(std::optional<std::uint64_t> number, Result<net::HttpResponse> answer);
  void retry_or_fail(std::optional<std::uint64_t> number, const Error& error);
  void head_known(Head head);
  std::uint64_t wanted(Head head) const;
  void narrow(bool held);
  void finish(Result<std::uint64_t> first);

  net::Loop& loop_;
  std::string url_;
  std::vector<std::string> headers_;
  Begin begin_;
  Done done_;
  int tries_ = 0;
  std::uint64_t asked_ = 0;
  std::uint64_t missing_ = 0;  // known not to be held
  std::uint64_t held_ = 0;     // known to be held
  std::uint64_t newest_ = 0;
  nanoseconds each_{0};
  bool beyond_hole_ = false;  // the number asked for is the one after a missing one, in case that is only a hole
  bool narrowing_ = false;    // the one wished for is not held any more
  net::FetchId fetch_{};
  net::TimerId timer_{};
};

}  // namespace aircheck::capture
