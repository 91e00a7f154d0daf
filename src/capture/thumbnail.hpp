#pragma once
// The picture of a stream, fetched once beside it: the first of some URLs behind which there is one. Bounded in size and
// time, for it is only an ornament. Not thread-safe; must not outlive the loop.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "net/loop.hpp"

namespace aircheck::capture {

struct Thumbnail {
  std::string media_type;  // as media::picture_media_type() tells
  Bytes data;              // at most 512 KiB
};

class ThumbnailFetch {
 public:
  /// Called once from the loop; nothing where there was none to be had, which has been logged.
  using Done = std::function<void(std::optional<Thumbnail>)>;

  /// Begins at once.
  ThumbnailFetch(net::Loop& loop, std::vector<std::string> urls, Done done);
  ~ThumbnailFetch();
  ThumbnailFetch(const ThumbnailFetch&) = delete;
  ThumbnailFetch& operator=(const ThumbnailFetch&) = delete;

 private:
  void fetch_next();
  void answered(Result<net::HttpResponse> answer);
  void end(std::optional<Thumbnail> thumbnail);

  net::Loop& loop_;
  std::vector<std::string> urls_;
  Done done_;
  std::size_t next_ = 0;
  Error last_error_{ErrorKind::not_found, "none is listed"};
  net::FetchId fetch_{};
  net::TimerId nothing_{};
};

}  // namespace aircheck::capture
