#include "capture/hls_track.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "capture/fragment_url.hpp"
#include "capture/jitter.hpp"
#include "capture/playlist_target.hpp"
#include "capture/poll_delay.hpp"
#include "capture/seam.hpp"
#include "core/retry.hpp"

namespace aircheck::capture {
namespace {

constexpr std::size_t kMostQueued = 600;  // segments; a playlist may list twelve hours at once
// A playlist that shows older numbers so many times in a row, and new ones of them, is another stream's: it has restarted.
constexpr int kBackwardsPolls = 4;
// Of what may be recorded already, so much is fetched again: some of it shows where the rest belongs.
constexpr nanoseconds kOverlap = seconds{20};

milliseconds to_ms(nanoseconds duration) { return std::chrono::duration_cast<milliseconds>(duration); }

// YouTube's playlists number their segments as the fragments are numbered, and say so in their URLs.
bool is_common(const media::MediaSegment& segment) { return sequence_in(segment.uri) == segment.sequence; }

}  // namespace

HlsTrack::HlsTrack(net::Loop& loop, TrackOptions options, std::function<void()> on_change)
    : loop_(loop),
      headers_(options.headers),
      on_change_(std::move(on_change)),
      queue_(loop, std::move(options), Rung::hls, [this] { on_change_(); }) {}

HlsTrack::~HlsTrack() {
  loop_.cancel(playlist_fetch_);
  loop_.cancel(poll_timer_);
}

void HlsTrack::start(std::string playlist_url, std::optional<Position> from) {
  url_ = std::move(playlist_url);
  changed_at_ = read_at_ = net::Loop::now();
  if (from && from->behind) {
    behind_ = from->behind;
  } else if (from) {
    next_sequence_ = from->next_sequence;
    queue_.restore(from->demux_state);
    if (from->common_numbers) expected_epoch_ = epoch_ = from->epoch;
  }
  poll();
}

void HlsTrack::switch_url(std::string playlist_url, std::vector<std::string> headers, std::string format_id) {
  url_ = std::move(playlist_url);
  headers_ = headers;
  queue_.set_source(std::move(headers), std::move(format_id));
  queue_.clear_forbidden();
  forbidden_ = false;
  poll_now();
}

void HlsTrack::poll_now() {
  loop_.cancel(playlist_fetch_);
  loop_.cancel(poll_timer_);
  poll();
}

// ---- playlist -------------------------------------------------------------------------------------------------------

void HlsTrack::poll() {
  net::HttpRequest request;
  request.url = url_;
  request.headers = headers_;
  request.max_bytes = kLargestPlaylist;
  request.stall_timeout = milliseconds{5'000};
  request.total_timeout = milliseconds{20'000};
  poll_began_ = net::Loop::now();
  playlist_fetch_ = loop_.fetch(std::move(request), [this](auto answer) { playlist_answered(std::move(answer)); });
}

void HlsTrack::schedule_poll(milliseconds delay) {
  const auto due = poll_began_ + delay;
  const auto wait = std::chrono::ceil<milliseconds>(due - net::Loop::now());
  poll_timer_ = loop_.after(std::max(wait, milliseconds{0}), [this] { poll(); });
}

void HlsTrack::playlist_answered(Result<net::HttpResponse> answer) {
  playlist_fetch_ = net::FetchId::none;
  if (answer) answer = net::expect_success(std::move(*answer));
  if (!answer) return playlist_failed(answer.error());
  auto playlist = media::parse_playlist(as_text(answer->body), answer->url, wanted());
  if (!playlist) return playlist_failed(playlist.error());
  auto* const segments = std::get_if<media::MediaPlaylist>(&*playlist);
  if (!segments)
    return playlist_failed({ErrorKind::unsupported, "a list of variants where a list of segments was expected"});
  listing_.reset();
  if (segments->more) listing_ = Listing{std::move(answer->url), std::move(answer->body), segments->beyond};
  else loop_.buffers().give(std::move(answer->body));
  read_at_ = net::Loop::now();
  listed_at_ = system_now();
  playlist_failures_ = 0;
  loaded_ = true;
  forbidden_ = false;
  queue_.clear_forbidden();
  trouble_.reset();
  queue_.clear_trouble();
  merge(std::move(*segments));
  tell_window();
  queue_.fill();
  queue_.rescue();
  on_change_();
}

void HlsTrack::playlist_failed(const Error& error) {
  trouble_ = error;
  if (error.kind == ErrorKind::forbidden) forbidden_ = true;
  const Backoff backoff{milliseconds{300}, milliseconds{4'000}};
  schedule_poll(backoff.delay(++playlist_failures_, jitter()));
  on_change_();
}

// From what may have a new URL by now up to what the queue has room for; from the first while it is not known yet whether
// the playlist counts as what was recorded so far does.
media::SegmentRange HlsTrack::wanted() {
  const auto room = kMostQueued - std::min(kMostQueued, queue_.size());
  if (!next_sequence_ || expected_epoch_) return {.from = 0, .most = room};
  auto from = *next_sequence_;
  queue_.for_each_unfetched(
      [&](media::MediaSegment& segment, std::uint64_t) { from = std::min(from, segment.sequence); });
  return {.from = from, .most = static_cast<std::size_t>(*next_sequence_ - from) + room};
}

void HlsTrack::merge(media::MediaPlaylist playlist) {
  target_ = std::max<nanoseconds>(playlist.target_duration, milliseconds{200});
  if (went_backwards(playlist)) return schedule_poll(to_ms(target_) / 2);
  if (playlist.end_sequence > playlist.media_sequence) {
    if (loaded_ && playlist.media_sequence > window_first_ && window_first_ != 0) sliding_ = true;
    if (playlist.type == media::MediaPlaylist::Type::live && playlist.media_sequence > 0) sliding_ = true;
    window_first_ = playlist.media_sequence;
  }
  const auto known_end = std::max(listed_end_, playlist.media_sequence);
  const auto added = playlist.end_sequence - std::min(playlist.end_sequence, known_end);
  listed_end_ = playlist.end_sequence;
  refresh_urls(playlist);
  append_new(playlist);
  end_listed_ = playlist.ended;
  if (added > 0 || end_listed_) changed_at_ = net::Loop::now();
  if (end_listed_) return;
  schedule_poll(
      poll_delay({.target = target_, .added = added, .more_than_queued = listing_.has_value(), .drops = sliding_}));
}

// Out of the playlist that was read last, for the origin may not have it any more.
void HlsTrack::refill() {
  auto playlist = media::parse_playlist(as_text(listing_->text), listing_->url, wanted());
  auto* const segments = playlist ? std::get_if<media::MediaPlaylist>(&*playlist) : nullptr;
  if (!segments) {
    listing_.reset();
    end_listed_ = false;
    return poll_now();
  }
  append_new(*segments);
  if (segments->more) listing_->beyond = segments->beyond;
  else listing_used_up();
  tell_window();
  queue_.fill();
}

void HlsTrack::listing_used_up() {
  listing_.reset();
  if (playlist_fetch_ != net::FetchId::none || end_listed_) return;
  loop_.cancel(poll_timer_);
  schedule_poll(to_ms(target_));
}

std::optional<Piece> HlsTrack::next() {
  if (listing_ && queue_.size() <= kMostQueued / 2) refill();
  return queue_.next();
}

// A playlist behind what is known is a stale cache's; only when it keeps moving there has the numbering begun anew.
bool HlsTrack::went_backwards(const media::MediaPlaylist& playlist) {
  const auto end = playlist.end_sequence;
  if (!next_sequence_ || end == playlist.media_sequence) return false;
  if (end >= *next_sequence_ || playlist.ended) {
    backwards_ = 0;
    return false;
  }
  if (end + (end - playlist.media_sequence) >= *next_sequence_ && backwards_ == 0 &&
      net::Loop::now() - changed_at_ < 4 * target_)
    return true;
  if (++backwards_ < kBackwardsPolls) return true;
  log::warn("the playlist's numbering has begun anew at {}", playlist.media_sequence);
  backwards_ = 0;
  next_sequence_.reset();
  listed_end_ = 0;
  restart_ = true;
  queue_.orphan_all();
  return false;
}

void HlsTrack::refresh_urls(const media::MediaPlaylist& playlist) {
  auto listed = playlist.segments.begin();
  queue_.for_each_unfetched([&](media::MediaSegment& segment, std::uint64_t) {
    while (listed != playlist.segments.end() && listed->sequence < segment.sequence) ++listed;
    if (listed != playlist.segments.end() && listed->sequence == segment.sequence) segment.uri = listed->uri;
  });
}

// What should have come before `next`. Where another epoch has begun meanwhile nobody knows how far the last one went.
void HlsTrack::add_missing(const media::MediaSegment& next, bool common) {
  const auto first = *next_sequence_, end = next.sequence;
  SegmentQueue::Entry entry;
  entry.segment.sequence = end - 1;
  entry.epoch = common ? epoch_of(next.uri) : 0;
  entry.common_numbers = common;
  entry.covers = entry.epoch == epoch_ ? end - first : 0;
  entry.segment.duration = next.duration * static_cast<std::int64_t>(std::min<std::uint64_t>(end - first, 1'000'000));
  queue_.append_lost(std::move(entry),
                     {ErrorKind::not_found,
                      fmt::format("segments {} to {} had left the playlist before they were seen", first, end - 1)});
}

void HlsTrack::check_numbers(const media::MediaSegment& first) {
  if (expected_epoch_ && (!is_common(first) || epoch_of(first.uri) != *expected_epoch_)) {
    log::warn("the playlist counts otherwise than what was recorded so far; what lies between cannot be told");
    next_sequence_.reset();
    restart_ = true;
  }
  expected_epoch_.reset();
}

void HlsTrack::append_new(media::MediaPlaylist& playlist) {
  if (!playlist.segments.empty()) check_numbers(playlist.segments.front());
  const auto seams = behind_ ? seams_of(playlist, listed_at_, *behind_) : std::vector<Seam>{};
  for (std::size_t i = 0; i < playlist.segments.size(); ++i) {
    auto& segment = playlist.segments[i];
    if (!next_sequence_ && behind_ && seams[i].after < -kOverlap) continue;
    if (next_sequence_ && segment.sequence < *next_sequence_) continue;
    const bool common = is_common(segment);
    if (next_sequence_ && segment.sequence > *next_sequence_) add_missing(segment, common);
    epoch_ = common ? epoch_of(segment.uri) : 0;
    next_sequence_ = segment.sequence + 1;
    SegmentQueue::Entry entry;
    entry.discontinuity = segment.discontinuity || std::exchange(restart_, false);
    if (behind_) entry.seam = seams[i];
    const bool gap = segment.gap;
    entry.epoch = epoch_;
    entry.common_numbers = common;
    entry.segment = std::move(segment);
    if (gap) queue_.append_lost(std::move(entry), {ErrorKind::not_found, "the playlist marks it as missing"});
    else queue_.append(std::move(entry));
  }
}

void HlsTrack::tell_window() {
  queue_.set_window({.first = window_first_,
                     .end = std::max(listed_end_, next_sequence_.value_or(0)),
                     .sliding = sliding_ && next_sequence_.has_value(),
                     .complete = end_listed_});
}

TrackHealth HlsTrack::health() const {
  TrackHealth out;
  out.loaded = loaded_;
  out.ended = end_listed_ && queue_.empty() && !listing_;
  out.forbidden = forbidden_ || queue_.forbidden();
  out.trouble = trouble_ ? trouble_ : queue_.trouble();
  out.changed_at = changed_at_;
  out.read_at = read_at_;
  out.pending = queue_.pending(nanoseconds{0}) + (listing_ ? listing_->beyond : nanoseconds{0});
  return out;
}

}  // namespace aircheck::capture
