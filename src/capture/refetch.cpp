#include "capture/refetch.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "capture/choice.hpp"
#include "capture/fragment_url.hpp"
#include "capture/over.hpp"
#include "capture/playlist_target.hpp"
#include "core/retry.hpp"

namespace aircheck::capture {
namespace {

constexpr std::size_t kMostRefetched = 64;
constexpr int kMostAsked = 4, kMostRenewals = 6;
constexpr int kMostUnanswered = 3;  // by a proxy
// So many in a row that the origin does not have: it is believed about the rest at once.
constexpr int kManyDenied = 16;
// The stream is over, what there is lies there.
constexpr milliseconds kPatienceGone{3'000};
constexpr milliseconds kPlaylistStall{5'000}, kPlaylistTime{30'000};

StreamOptions patient(StreamOptions options) {
  options.track.patience_gone = std::min(options.track.patience, kPatienceGone);
  options.track.quiet = true;
  return options;
}

Error not_served(std::string message) { return {ErrorKind::not_found, std::move(message)}; }

}  // namespace

Refetch::Refetch(net::Loop& loop, StreamOptions options)
    : loop_(loop),
      options_(patient(std::move(options))),
      resolver_(loop, options_.resolver),
      approaches_(approaches_for(options_.url, options_.resolver)),
      proxies_(options_.proxies) {
  if (proxies_.size() > 0) loop_.set_proxy(proxies_.current());
}

Refetch::~Refetch() {
  loop_.cancel(fetching_);
  loop_.cancel(retry_);
}

void Refetch::ask(const MissingSegments& wanted) {
  wanted_ = wanted;
  like_.reset();
  ask();
}

void Refetch::ask_by_another_way(const MissingSegments& wanted, const media::Track& like) {
  wanted_ = wanted;
  like_ = like;
  // After refusals another client was asked, which may be told less than the first.
  const bool of_another_client = !in_words(approaches_.current()).empty();
  if (resolution_ && of_another_client && !other_format_in(*resolution_)) {
    approaches_.restart();
    resolution_.reset();
  }
  ask();
}

void Refetch::ask() {
  loop_.cancel(std::exchange(fetching_, net::FetchId::none));
  loop_.cancel(std::exchange(retry_, net::TimerId::none));
  queue_.reset();
  entries_.clear();
  error_.reset();
  tries_ = renewals_ = denied_ = 0;
  proxy_changes_ = 0;
  if (like_ && (options_.direct || !wanted_.epoch)) error_ = not_served("it can be had by one way only");
  else open();
}

// ---- where it can be had --------------------------------------------------------------------------------------------

void Refetch::open() {
  if (options_.direct && !targets_.empty()) return begin();
  if (options_.direct) return fetch_playlist(options_.url, [this](const auto& answer) { playlist_known(answer); });
  if (!resolution_ || net::Loop::now() - resolved_at_ >= options_.renew_after) return resolve();
  begin();
}

Approach Refetch::approach() const {
  auto out = approaches_.current();
  out.proxy = proxies_.current();
  return out;
}

void Refetch::resolve() {
  resolver_.resolve(options_.url, approach(), [this](auto resolution) { resolved(std::move(resolution)); });
}

void Refetch::resolved(Result<Resolution> resolution) {
  if (resolution && resolution->formats.empty())
    resolution = fail(ErrorKind::ended, "the origin offers nothing of this broadcast any more");
  if (!resolution) return try_again(resolution.error());
  resolution_ = std::move(*resolution);
  resolved_at_ = net::Loop::now();
  if (queue_) return take_new_urls();
  begin();
}

void Refetch::playlist_known(const net::HttpResponse& answer) {
  auto targets = playlist_targets(options_.url, answer, options_.quality);
  if (!targets) return try_again(targets.error());
  targets_ = std::move(*targets);
  begin();
}

void Refetch::fetch_playlist(const std::string& url, std::function<void(net::HttpResponse)> use) {
  net::HttpRequest request;
  request.url = url;
  request.headers = format_.headers;
  request.max_bytes = kLargestPlaylist;
  request.stall_timeout = kPlaylistStall;
  request.total_timeout = kPlaylistTime;
  fetching_ = loop_.fetch(std::move(request), [this, use = std::move(use)](auto answer) {
    fetching_ = net::FetchId::none;
    if (answer) answer = net::expect_success(std::move(*answer));
    if (!answer) return try_again(wrap(answer.error(), "the playlist").error());
    use(std::move(*answer));
  });
}

bool Refetch::change_proxy() {
  if (++proxy_changes_ >= std::max<std::size_t>(proxies_.size(), 1)) return false;
  if (!proxies_.fail(net::Loop::now())) return false;
  loop_.set_proxy(proxies_.current());
  approaches_.restart();
  return true;
}

bool Refetch::ask_otherwise(const Error& error) {
  if (is_about_address(error.kind) && change_proxy()) return true;
  return !options_.direct && is_refusal(error.kind) && (approaches_.advance() || change_proxy());
}

void Refetch::try_again(const Error& error) {
  const bool may_pass = is_transient(error.kind) || error.kind == ErrorKind::forbidden;
  if (!ask_otherwise(error) && (!may_pass || ++tries_ >= kMostAsked)) {
    error_ = error;
    return;
  }
  log::debug("asking again: {}", error.message);
  const Backoff backoff{milliseconds{500}, milliseconds{5'000}};
  resolution_.reset();
  retry_ = loop_.after(backoff.delay(std::max(1, tries_), 0.5), [this] {
    retry_ = net::TimerId::none;
    if (queue_) resolve();
    else open();
  });
}

// ---- what is asked for ----------------------------------------------------------------------------------------------

Result<Format> Refetch::format_in(const Resolution& resolution) const {
  if (like_) return other_format_in(resolution);
  const auto found = std::ranges::find_if(resolution.formats, [this](const Format& format) {
    return format.id == wanted_.format_id && (format.fragments || format.protocol.starts_with("m3u8"));
  });
  if (found != resolution.formats.end()) return *found;
  return std::unexpected(not_served(fmt::format("the origin does not offer format {} any more", wanted_.format_id)));
}

// Fragments first: they can be had for days, and HLS that lists all of a broadcast is rare.
Result<Format> Refetch::other_format_in(const Resolution& resolution) const {
  const auto own = std::ranges::find(resolution.formats, wanted_.format_id, &Format::id);
  for (const auto rung : {Rung::fragments, Rung::hls}) {
    if (own != resolution.formats.end() && own->fragments == (rung == Rung::fragments)) continue;
    if (auto format = format_like(*like_, rung, resolution)) return *std::move(format);
  }
  return std::unexpected(not_served("the origin offers no other way to it"));
}

void Refetch::begin() {
  if (options_.direct) {
    const std::size_t index = wanted_.track == "audio" ? 1 : 0;
    format_ = {.id = {}, .url = targets_.at(std::min(index, targets_.size() - 1)), .protocol = "m3u8"};
  } else {
    auto format = format_in(*resolution_);
    if (!format) {
      error_ = format.error();
      return;
    }
    format_ = std::move(*format);
  }
  if (format_.fragments) return count();
  fetch_playlist(format_.url, [this](const auto& answer) { list(answer); });
}

// Numbers count within an epoch, and only the last one's can be asked for.
void Refetch::count() {
  const auto epoch = epoch_of(format_.url);
  if (wanted_.epoch && *wanted_.epoch != epoch) {
    error_ = not_served(
        fmt::format("the broadcaster's encoder began anew since; only its last run, {}, can be asked for, not {}",
                    epoch, *wanted_.epoch));
    return;
  }
  for (auto number = wanted_.first; number <= wanted_.last; ++number) {
    SegmentQueue::Entry entry{.segment = {.sequence = number}, .epoch = epoch};
    entry.segment.uri = with_sequence(format_.url, number);
    entries_.push_back(std::move(entry));
  }
  top_up();
}

void Refetch::list(const net::HttpResponse& answer) {
  auto playlist = media::parse_playlist(as_text(answer.body), answer.url, {.from = wanted_.first});
  if (!playlist) return try_again(playlist.error());
  auto* const listed = std::get_if<media::MediaPlaylist>(&*playlist);
  if (!listed) return try_again({ErrorKind::unsupported, "a list of variants where a list of segments was expected"});
  auto segment = listed->segments.begin();
  for (auto number = wanted_.first; number <= wanted_.last; ++number) {
    while (segment != listed->segments.end() && segment->sequence < number) ++segment;
    SegmentQueue::Entry entry{.segment = {.sequence = number}, .common_numbers = wanted_.epoch.has_value()};
    if (segment != listed->segments.end() && segment->sequence == number && is_meant(*segment))
      entry.segment = *segment;
    entry.discontinuity = entry.segment.discontinuity;
    entries_.push_back(std::move(entry));
  }
  top_up();
}

// Whether it is the one that is meant, and offered. Numbers that are common with the fragments' stand in the URL.
bool Refetch::is_meant(const media::MediaSegment& segment) const {
  const auto numbered_alike = [&] {
    return epoch_of(segment.uri) == *wanted_.epoch && sequence_in(segment.uri) == segment.sequence;
  };
  return !segment.gap && (!wanted_.epoch || numbered_alike());
}

void Refetch::top_up() {
  if (!queue_) {
    auto track = options_.track;
    track.headers = format_.headers;
    track.format_id = format_.id;
    const auto rung = format_.fragments ? Rung::fragments : Rung::hls;
    queue_ = std::make_unique<SegmentQueue>(loop_, std::move(track), rung, [] {});
    queue_->set_window({.first = 0, .end = UINT64_MAX, .complete = true});
  }
  while (!entries_.empty() && queue_->size() < kMostRefetched) {
    auto entry = std::move(entries_.front());
    entries_.pop_front();
    if (!entry.segment.uri.empty()) queue_->append(std::move(entry));
    else queue_->append_lost(std::move(entry), not_served("the playlist does not list it any more"));
  }
  queue_->fill();
}

// ---- handing on -----------------------------------------------------------------------------------------------------

std::optional<Piece> Refetch::next() {
  if (!queue_ || error_) return {};
  look_after();
  auto piece = queue_->next();
  if (!piece) return {};
  denied_ = piece->lost && piece->error.kind == ErrorKind::not_found ? denied_ + 1 : 0;
  if (denied_ == kManyDenied) queue_->believe_denials();
  top_up();
  return piece;
}

// While segments are under way: URLs may be refused, or a proxy may stop working.
void Refetch::look_after() {
  if (listing()) return;
  if (queue_->forbidden()) return renew({ErrorKind::forbidden, "the origin refuses the segments (403)"});
  if (loop_.unanswered() >= kMostUnanswered && proxies_.size() > 1 && change_proxy())
    renew({ErrorKind::unavailable, "nothing comes through the proxy"});
}

// The first time it may be the URLs' age, then another client or another address may be given better ones.
void Refetch::renew(const Error& why) {
  queue_->clear_forbidden();
  if (options_.direct) return;  // there is nobody else to ask
  if (++renewals_ > kMostRenewals) {
    error_ = why;
    return;
  }
  if (renewals_ > 1) static_cast<void>(ask_otherwise(why));
  log::info("asking yt-dlp again: {}", why.message);
  queue_->hold();  // the time that yt-dlp takes is not held against the segments
  resolve();
}

void Refetch::take_new_urls() {
  auto format = format_in(*resolution_);
  if (!format) {
    error_ = format.error();
    return;
  }
  format_ = *std::move(format);
  queue_->set_source(format_.headers, format_.id);
  if (format_.fragments)
    return go_on([this](media::MediaSegment& segment) { segment.uri = with_sequence(format_.url, segment.sequence); });
  fetch_playlist(format_.url, [this](const auto& answer) {
    const auto playlist = media::parse_playlist(as_text(answer.body), answer.url, {.from = wanted_.first});
    const auto* const listed = playlist ? std::get_if<media::MediaPlaylist>(&*playlist) : nullptr;
    go_on([listed](media::MediaSegment& segment) {
      if (!listed) return;
      const auto found = std::ranges::find(listed->segments, segment.sequence, &media::MediaSegment::sequence);
      if (found != listed->segments.end()) segment.uri = found->uri;
    });
  });
}

void Refetch::go_on(const std::function<void(media::MediaSegment&)>& renew) {
  queue_->for_each_unfetched([&](media::MediaSegment& segment, std::uint64_t) { renew(segment); });
  for (auto& entry : entries_) renew(entry.segment);
  queue_->release();
  queue_->fill();
}

}  // namespace aircheck::capture
