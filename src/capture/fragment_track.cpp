#include "capture/fragment_track.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/log.hpp"
#include "capture/fragment_url.hpp"

namespace aircheck::capture {
namespace {

constexpr std::size_t kMostAhead = 64;  // slots cost memory even before anything is fetched
constexpr milliseconds kShortestInterval{20}, kLongestInterval{10'000};
constexpr milliseconds kSoonestPoll{50}, kLatestPoll{2'000};
constexpr nanoseconds kGuess = seconds{1};  // what a fragment covers, until one was seen

// The newest number, as every answer tells it; nothing where this one does not.
std::optional<std::uint64_t> head_of(const net::HttpResponse& response) {
  const auto text = response.header("x-head-seqnum");
  std::uint64_t head = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), head);
  if (text.empty() || read.ec != std::errc{}) return {};
  return head;
}

// Not a captive portal's page, which comes with status 200 too.
bool is_fragment(const net::HttpResponse& response) {
  return response.status == 200 && response.body_bytes > 0 && !response.header("content-type").starts_with("text/");
}

}  // namespace

FragmentTrack::FragmentTrack(net::Loop& loop, TrackOptions options, std::function<void()> on_change)
    : loop_(loop),
      on_change_(std::move(on_change)),
      queue_(
          loop, std::move(options), Rung::fragments, [this] { on_change_(); },
          [this](const auto& answer) { answered(answer); }) {}

FragmentTrack::~FragmentTrack() { loop_.cancel(timer_); }

void FragmentTrack::start(std::string url, std::optional<Position> from) {
  const auto position = from.value_or(Position{});
  changed_at_ = read_at_ = net::Loop::now();
  queue_.restore(position.demux_state);
  begin_epoch(std::move(url));
  next_ = position.next_sequence;
  restart_ = false;
  stale_ = position.epoch > epoch_;
  if (from && position.epoch < epoch_) {
    lose_rest(position.next_sequence, position.epoch,
              "the broadcaster's encoder began anew while nobody recorded; what may have been left of its earlier run "
              "cannot be asked for any more");
    next_ = 0;
    restart_ = true;
  }
  poll();
}

// Nobody can say how much it was, only that there may have been something.
void FragmentTrack::lose_rest(std::uint64_t sequence, std::uint64_t epoch, std::string_view words) {
  SegmentQueue::Entry rest;
  rest.segment.sequence = sequence;
  rest.segment.duration = queue_.usual_span().count() > 0 ? queue_.usual_span() : kGuess;
  rest.epoch = epoch;
  rest.covers = 0;
  queue_.append_lost(std::move(rest), {ErrorKind::not_found, std::string(words)});
}

void FragmentTrack::begin_epoch(std::string url) {
  url_ = std::move(url);
  epoch_ = epoch_of(url_);
  tell_window(0);
  next_ = 0;
  misses_ = 0;
  restart_ = true;
}

void FragmentTrack::switch_url(std::string url, std::vector<std::string> headers, std::string format_id) {
  queue_.set_source(std::move(headers), std::move(format_id));
  queue_.clear_forbidden();
  trouble_.reset();
  const auto epoch = epoch_of(url);
  if (epoch > epoch_) {
    if (successor_.empty()) log::info("the broadcaster's encoder has begun anew: epoch {} follows {}", epoch, epoch_);
    successor_ = std::move(url);
  } else if (epoch == epoch_) {
    url_ = std::move(url);
    stale_ = false;
    queue_.for_each_unfetched([this](media::MediaSegment& segment, std::uint64_t of) {
      if (of == epoch_) segment.uri = with_sequence(url_, segment.sequence);
    });
  }
  poll_now();
}

// ---- counting -------------------------------------------------------------------------------------------------------

void FragmentTrack::append(bool tentative) {
  SegmentQueue::Entry entry;
  entry.segment.sequence = next_;
  entry.segment.uri = with_sequence(url_, next_);
  entry.epoch = epoch_;
  entry.discontinuity = std::exchange(restart_, false);
  entry.tentative = tentative;
  queue_.append(std::move(entry));
  ++next_;
}

void FragmentTrack::extend() {
  while (next_ < queue_.window().end && queue_.size() < kMostAhead) append(false);
}

void FragmentTrack::poll() {
  extend();
  if (!stale_ && next_ >= queue_.window().end && !queue_.has_tentative()) append(true);
  queue_.fill();
}

void FragmentTrack::note_over() {
  over_ = true;
  tell_window(queue_.window().end);
}

void FragmentTrack::poll_now() {
  loop_.cancel(timer_);
  timer_ = net::TimerId::none;
  poll();
}

void FragmentTrack::schedule_poll() {
  if (timer_ != net::TimerId::none || queue_.has_tentative() || next_ < queue_.window().end) return;
  timer_ = loop_.after(time_to_poll(), [this] {
    timer_ = net::TimerId::none;
    poll();
  });
}

// Shortly before the next fragment is due, then at a tenth of their distance, and less often when it fails to appear.
milliseconds FragmentTrack::time_to_poll() const {
  if (misses_ > 0) return std::clamp(interval_ * (10 + misses_) / 100, kSoonestPoll, kLatestPoll);
  const auto since = std::chrono::duration_cast<milliseconds>(net::Loop::now() - changed_at_);
  return std::clamp(interval_ * 8 / 10 - since, milliseconds{0}, kLatestPoll);
}

void FragmentTrack::answered(const SegmentQueue::Answer& answer) {
  if (answer.epoch != epoch_) return;
  if (answer.response) {
    read_at_ = net::Loop::now();
    if (const auto head = head_of(*answer.response)) offered_up_to(*head + 1);
    if (is_fragment(*answer.response)) offered_up_to(answer.sequence + 1);
  }
  const bool exists = answer.sequence < queue_.window().end;
  if (!exists) missed(answer);
  else extend();
  schedule_poll();
}

// The one after the newest is not there yet, or could not be asked for. The queue drops it when this returns.
void FragmentTrack::missed(const SegmentQueue::Answer& answer) {
  next_ = answer.sequence;
  ++misses_;
  const auto fine = answer.response ? net::expect_success(*answer.response) : answer.response;
  const bool expected = fine || fine.error().kind == ErrorKind::not_found;
  trouble_ = expected ? std::nullopt : std::optional(fine.error());
  // An origin that knows the epoch by another URL has nothing more to say to this one.
  loop_.cancel(timer_);
  timer_ = loop_.after(successor_.empty() ? time_to_poll() : milliseconds{0}, [this] {
    timer_ = net::TimerId::none;
    if (successor_.empty()) poll();
    else begin_successor();
  });
}

void FragmentTrack::offered_up_to(std::uint64_t end) {
  loaded_ = true;
  const auto known = queue_.window().end;
  if (end <= known) return;
  if (known > 0) pace(end - known);
  changed_at_ = net::Loop::now();
  misses_ = 0;
  trouble_.reset();
  tell_window(end);
  queue_.confirm(end);
}

// A stall must not make the rhythm slow.
void FragmentTrack::pace(std::uint64_t arrived) {
  const auto since = std::chrono::duration_cast<milliseconds>(net::Loop::now() - changed_at_);
  const auto each = since / static_cast<std::int64_t>(std::min<std::uint64_t>(arrived, 1'000));
  interval_ = (3 * interval_ + std::min(each, 2 * interval_)) / 4;
  interval_ = std::clamp(interval_, kShortestInterval, kLongestInterval);
}

void FragmentTrack::begin_successor() {
  queue_.drop_tentative();
  const auto last = epoch_;
  begin_epoch(std::exchange(successor_, {}));
  if (epoch_ > last + 1)
    lose_rest(0, last, "the broadcaster's encoder began anew several times in a row; its short runs could not be seen");
  changed_at_ = net::Loop::now();
  poll();
}

// ---- handing on -----------------------------------------------------------------------------------------------------

std::optional<Piece> FragmentTrack::next() {
  auto piece = queue_.next();
  if (piece && next_ < queue_.window().end) {
    extend();
    queue_.fill();
  }
  if (piece) schedule_poll();
  return piece;
}

TrackHealth FragmentTrack::health() const {
  TrackHealth out;
  const auto usual = queue_.usual_span().count() > 0 ? queue_.usual_span() : kGuess;
  const auto end = queue_.window().end;
  out.loaded = loaded_;
  out.interval = interval_;
  out.epoch = epoch_;
  out.end = end;
  out.forbidden = queue_.forbidden();
  out.trouble = queue_.trouble() ? queue_.trouble() : trouble_;
  out.changed_at = changed_at_;
  out.read_at = read_at_;
  out.pending = queue_.pending(usual);
  if (end > next_) out.pending += usual * static_cast<std::int64_t>(std::min<std::uint64_t>(end - next_, 1'000'000));
  return out;
}

}  // namespace aircheck::capture
