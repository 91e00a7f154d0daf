#pragma once
// Whether a way to a stream works, found out while another one is still recorded by: its playlist, or the number of its newest
// fragment, and then the newest segment itself. One use per object; not thread-safe; must not outlive the loop.

#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "capture/resolver.hpp"
#include "net/loop.hpp"

namespace aircheck::capture {

class WayProbe {
 public:
  using Done = std::function<void(Result<void>)>;

  /// `format`: of HLS or of fragments. `done` is called from the loop.
  WayProbe(net::Loop& loop, const Format& format, Done done);
  ~WayProbe();
  WayProbe(const WayProbe&) = delete;
  WayProbe& operator=(const WayProbe&) = delete;

 private:
  void answered(Result<net::HttpResponse> answer);
  Result<net::HttpRequest> newest_in(const net::HttpResponse& answer) const;
  void fetch(net::HttpRequest request, std::function<void(Result<net::HttpResponse>)> use);
  void finish(Result<void> result);

  net::Loop& loop_;
  const std::string url_;
  const bool fragments_;
  const std::vector<std::string> headers_;
  Done done_;
  net::FetchId fetch_{};
};

}  // namespace aircheck::capture
