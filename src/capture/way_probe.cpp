#include "capture/way_probe.hpp"

#include <charconv>
#include <utility>

#include "capture/fragment_url.hpp"
#include "media/playlist.hpp"

namespace aircheck::capture {
namespace {

constexpr std::size_t kLargestProbe = 256u << 20;
constexpr milliseconds kProbeStall{5'000}, kLongestProbe{20'000};

}  // namespace

WayProbe::WayProbe(net::Loop& loop, const Format& format, Done done)
    : loop_(loop), url_(format.url), fragments_(format.fragments), headers_(format.headers), done_(std::move(done)) {
  net::HttpRequest request;
  request.url = url_;
  if (fragments_) request.method = "HEAD";
  fetch(std::move(request), [this](auto answer) { answered(std::move(answer)); });
}

WayProbe::~WayProbe() { loop_.cancel(fetch_); }

void WayProbe::fetch(net::HttpRequest request, std::function<void(Result<net::HttpResponse>)> use) {
  request.headers = headers_;
  request.max_bytes = kLargestProbe;
  request.stall_timeout = kProbeStall;
  request.total_timeout = kLongestProbe;
  fetch_ = loop_.fetch(std::move(request), [this, use = std::move(use)](auto answer) {
    fetch_ = net::FetchId::none;
    if (answer) answer = net::expect_success(std::move(*answer));
    use(std::move(answer));
  });
}

void WayProbe::answered(Result<net::HttpResponse> answer) {
  if (!answer) return finish(std::unexpected(answer.error()));
  auto newest = newest_in(*answer);
  if (!newest) return finish(std::unexpected(newest.error()));
  fetch(*std::move(newest), [this](auto segment) {
    if (!segment) return finish(std::unexpected(segment.error()));
    if (segment->body_bytes == 0) return finish(fail(ErrorKind::not_found, "an empty answer"));
    loop_.buffers().give(std::move(segment->body));
    finish({});
  });
}

Result<net::HttpRequest> WayProbe::newest_in(const net::HttpResponse& answer) const {
  net::HttpRequest out;
  if (fragments_) {
    const auto text = answer.header("x-head-seqnum");
    std::uint64_t head = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), head);
    if (text.empty() || read.ec != std::errc{})
      return fail(ErrorKind::unsupported, "the origin does not tell the newest fragment's number");
    out.url = with_sequence(url_, head);
    return out;
  }
  const auto playlist = TRY(media::parse_playlist(as_text(answer.body), answer.url));
  const auto* const segments = std::get_if<media::MediaPlaylist>(&playlist);
  if (!segments || segments->segments.empty()) return fail(ErrorKind::not_found, "the playlist lists no segment");
  const auto& newest = segments->segments.back();
  out.url = newest.uri;
  if (newest.range) out.range = net::Range{newest.range->offset, newest.range->length};
  return out;
}

void WayProbe::finish(Result<void> result) {
  if (const auto done = std::exchange(done_, nullptr)) done(std::move(result));
}

}  // namespace aircheck::capture
