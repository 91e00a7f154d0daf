#pragma once
// Whether a broadcast that is recorded by fragments is over, as the HLS playlist beside them says: by ENDLIST, where fragments
// only stop coming. Looks when it is told to, one look at a time. Not thread-safe; must not outlive the loop.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "capture/resolver.hpp"
#include "net/loop.hpp"

namespace aircheck::capture {

class EndSign {
 public:
  explicit EndSign(net::Loop& loop) : loop_(loop) {}
  ~EndSign() { loop_.cancel(fetch_); }
  EndSign(const EndSign&) = delete;
  EndSign& operator=(const EndSign&) = delete;

  /// Where to look from now on; nothing where there is no such playlist. What was seen stays.
  void watch(std::optional<Format> playlist) { playlist_ = std::move(playlist); }
  /// Asks the origin, unless the end has been seen. What fails is only a look without an answer.
  void look();
  /// More has come since.
  void forget() { end_.reset(); }

  /// What ended, in the fragments' numbers.
  struct End {
    net::SteadyTime seen_at{};
    std::uint64_t epoch = 0,
                  end = 0;  // above the last that is listed; 0 where the playlist does not tell those numbers
  };
  const std::optional<End>& end() const { return end_; }

 private:
  void answered(const net::HttpResponse& answer);

  net::Loop& loop_;
  std::optional<Format> playlist_;
  std::optional<End> end_;
  net::FetchId fetch_{};
};

}  // namespace aircheck::capture
