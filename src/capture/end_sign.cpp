#include "capture/end_sign.hpp"

#include "base/log.hpp"
#include "capture/fragment_url.hpp"
#include "capture/playlist_target.hpp"
#include "media/playlist.hpp"

namespace aircheck::capture {
namespace {

constexpr milliseconds kStall{5'000}, kLongest{15'000};

}  // namespace

void EndSign::look() {
  if (!playlist_ || end_ || fetch_ != net::FetchId::none) return;
  net::HttpRequest request;
  request.url = playlist_->url;
  request.headers = playlist_->headers;
  request.max_bytes = kLargestPlaylist;
  request.stall_timeout = kStall;
  request.total_timeout = kLongest;
  fetch_ = loop_.fetch(std::move(request), [this](auto answer) {
    fetch_ = net::FetchId::none;
    if (answer) answer = net::expect_success(std::move(*answer));
    if (answer) answered(*answer);
    else log::debug("the playlist beside the fragments: {}", answer.error().message);
  });
}

void EndSign::answered(const net::HttpResponse& answer) {
  const auto text = as_text(answer.body);
  const auto whole = media::parse_playlist(text, answer.url, {.most = 0});
  const auto* const playlist = whole ? std::get_if<media::MediaPlaylist>(&*whole) : nullptr;
  if (!playlist || !playlist->ended || playlist->end_sequence == playlist->media_sequence) return;
  end_ = End{.seen_at = net::Loop::now()};
  const auto tail = media::parse_playlist(text, answer.url, {.from = playlist->end_sequence - 1});
  const auto* const last = tail ? std::get_if<media::MediaPlaylist>(&*tail) : nullptr;
  if (!last || last->segments.empty()) return;
  const auto number = sequence_in(last->segments.back().uri);
  if (!number) return;
  end_->epoch = epoch_of(last->segments.back().uri);
  end_->end = *number + 1;
}

}  // namespace aircheck::capture
