#include "capture/thumbnail.hpp"

#include <utility>

#include "base/log.hpp"
#include "media/mkv_attachments.hpp"

namespace aircheck::capture {
namespace {

constexpr std::size_t kLargestPicture =
    512u << 10;  // what YouTube serves has less; a smaller one is tried after one that has more
constexpr milliseconds kLongestFetch{10'000};  // for one URL

}  // namespace

ThumbnailFetch::ThumbnailFetch(net::Loop& loop, std::vector<std::string> urls, Done done)
    : loop_(loop), urls_(std::move(urls)), done_(std::move(done)) {
  fetch_next();
}

ThumbnailFetch::~ThumbnailFetch() {
  loop_.cancel(fetch_);
  loop_.cancel(nothing_);
}

void ThumbnailFetch::fetch_next() {
  if (next_ == urls_.size()) {
    nothing_ = loop_.after(milliseconds{0}, [this] {
      log::info("no thumbnail: {}", last_error_.message);
      end({});
    });
    return;
  }
  net::HttpRequest request;
  request.url = urls_[next_++];
  request.max_bytes = kLargestPicture;
  request.total_timeout = kLongestFetch;
  fetch_ = loop_.fetch(std::move(request), [this](auto answer) { answered(std::move(answer)); });
}

void ThumbnailFetch::answered(Result<net::HttpResponse> answer) {
  fetch_ = net::FetchId::none;
  if (answer) answer = net::expect_success(std::move(*answer));
  if (!answer) {
    last_error_ = answer.error();
    // Whoever does not answer in time will not do so under another name.
    if (last_error_.kind == ErrorKind::timeout) next_ = urls_.size();
    return fetch_next();
  }
  const auto type = media::picture_media_type(answer->body);
  if (!type.empty()) return end(Thumbnail{std::string(type), std::move(answer->body)});
  last_error_ = {ErrorKind::corrupt, answer->url + " is no picture"};
  fetch_next();
}

void ThumbnailFetch::end(std::optional<Thumbnail> thumbnail) {
  if (const auto done = std::exchange(done_, nullptr)) done(std::move(thumbnail));  // may destroy *this
}

}  // namespace aircheck::capture
