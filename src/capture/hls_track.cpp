// Playlist polling, and the fetching of segments. What happens to a segment once it is there: hls_track_output.cpp.
#include "capture/hls_track.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <random>

#include "base/log.hpp"
#include "core/retry.hpp"

namespace aircheck::capture {
namespace {

constexpr std::size_t kMostFetches = 4;
constexpr std::size_t kLargestPlaylist = 32u << 20;
constexpr std::size_t kLargestSegment = 256u << 20;
constexpr milliseconds kShortestPoll{100};
constexpr milliseconds kSuspicious{1'000};
// A playlist that shows older numbers so many times in a row, and new ones of them, is another stream's: it has restarted.
constexpr int kBackwardsPolls = 4;

double jitter() {
  static std::minstd_rand generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(generator);
}

milliseconds to_ms(nanoseconds duration) { return std::chrono::duration_cast<milliseconds>(duration); }

}  // namespace

HlsTrack::HlsTrack(net::Loop& loop, TrackOptions options, std::function<void()> on_change)
    : loop_(loop),
      options_(std::move(options)),
      on_change_(std::move(on_change)),
      opener_(loop, [this] { on_change_(); }) {}

HlsTrack::~HlsTrack() {
  loop_.cancel(playlist_fetch_);
  loop_.cancel(poll_timer_);
  for (auto& slot : slots_) stop(*slot);
}

void HlsTrack::start(std::string playlist_url, std::optional<Position> from) {
  url_ = std::move(playlist_url);
  changed_at_ = read_at_ = net::Loop::now();
  if (from) {
    next_sequence_ = from->next_sequence;
    opener_.restore(from->demux_state);
  }
  poll();
}

void HlsTrack::switch_url(std::string playlist_url, std::vector<std::string> headers) {
  url_ = std::move(playlist_url);
  options_.headers = std::move(headers);
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
  request.headers = options_.headers;
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
  auto playlist = media::parse_playlist(as_text(answer->body), answer->url);
  loop_.buffers().give(std::move(answer->body));
  if (!playlist) return playlist_failed(playlist.error());
  auto* const segments = std::get_if<media::MediaPlaylist>(&*playlist);
  if (!segments)
    return playlist_failed({ErrorKind::unsupported, "a list of variants where a list of segments was expected"});
  read_at_ = net::Loop::now();
  playlist_failures_ = 0;
  loaded_ = true;
  forbidden_ = false;
  trouble_.reset();
  merge(std::move(*segments));
  fill();
  rescue();
  on_change_();
}

void HlsTrack::playlist_failed(const Error& error) {
  trouble_ = error;
  if (error.kind == ErrorKind::forbidden) forbidden_ = true;
  const Backoff backoff{milliseconds{300}, milliseconds{4'000}};
  schedule_poll(std::max(backoff.delay(++playlist_failures_, jitter()), kShortestPoll));
  on_change_();
}

void HlsTrack::merge(media::MediaPlaylist playlist) {
  target_ = std::max<nanoseconds>(playlist.target_duration, milliseconds{200});
  if (went_backwards(playlist)) return schedule_poll(to_ms(target_) / 2);
  if (!playlist.segments.empty()) {
    if (loaded_ && playlist.media_sequence > window_first_ && window_first_ != 0) sliding_ = true;
    if (playlist.type == media::MediaPlaylist::Type::live && playlist.media_sequence > 0) sliding_ = true;
    window_first_ = playlist.media_sequence;
  }
  refresh_urls(playlist);
  const bool ended = playlist.ended;
  const auto added = append_new(playlist);
  if (added > 0 || ended) changed_at_ = net::Loop::now();
  end_listed_ = ended;
  if (ended) return;
  // RFC 8216 §6.3.4: the target duration after a change, half of it without one. A stream served faster than real time
  // brings several segments at once and is asked that much more often.
  const auto wait = added > 0 ? target_ / static_cast<std::int64_t>(added) : target_ / 2;
  schedule_poll(std::max(to_ms(wait), kShortestPoll));
}

// A playlist behind what is known is a stale cache's; only when it keeps moving there has the numbering begun anew.
bool HlsTrack::went_backwards(const media::MediaPlaylist& playlist) {
  if (!next_sequence_ || playlist.segments.empty()) return false;
  const auto end = playlist.segments.back().sequence + 1;
  if (end >= *next_sequence_ || playlist.ended) {
    backwards_ = 0;
    return false;
  }
  if (end + playlist.segments.size() >= *next_sequence_ && backwards_ == 0 &&
      net::Loop::now() - changed_at_ < 4 * target_)
    return true;
  if (++backwards_ < kBackwardsPolls) return true;
  log::warn("the playlist's numbering has begun anew at {}", playlist.media_sequence);
  backwards_ = 0;
  next_sequence_.reset();
  restart_ = true;
  for (auto& slot : slots_) slot->orphaned = true;
  return false;
}

void HlsTrack::refresh_urls(const media::MediaPlaylist& playlist) {
  auto listed = playlist.segments.begin();
  for (auto& slot : slots_) {
    if (slot->state == Slot::State::ready || slot->state == Slot::State::lost) continue;
    while (listed != playlist.segments.end() && listed->sequence < slot->segment.sequence) ++listed;
    if (listed == playlist.segments.end()) return;
    if (listed->sequence == slot->segment.sequence) slot->segment.uri = listed->uri;
  }
}

void HlsTrack::add_missing(std::uint64_t first, std::uint64_t end, nanoseconds each) {
  auto slot = std::make_unique<Slot>();
  slot->segment.sequence = end - 1;
  slot->segment.duration = each * static_cast<std::int64_t>(std::min<std::uint64_t>(end - first, 1'000'000));
  slot->state = Slot::State::lost;
  slot->reason = fmt::format("segments {} to {} had left the playlist before they were seen", first, end - 1);
  slots_.push_back(std::move(slot));
}

// Returns how many segments were new.
std::size_t HlsTrack::append_new(media::MediaPlaylist& playlist) {
  std::size_t added = 0;
  for (auto& segment : playlist.segments) {
    if (next_sequence_ && segment.sequence < *next_sequence_) continue;
    if (next_sequence_ && segment.sequence > *next_sequence_)
      add_missing(*next_sequence_, segment.sequence, segment.duration);
    next_sequence_ = segment.sequence + 1;
    auto slot = std::make_unique<Slot>();
    slot->discontinuity = segment.discontinuity || std::exchange(restart_, false);
    slot->segment = std::move(segment);
    if (slot->segment.gap) lose(*slot, {ErrorKind::not_found, "the playlist marks it as missing"});
    slots_.push_back(std::move(slot));
    ++added;
  }
  return added;
}

// ---- segments -------------------------------------------------------------------------------------------------------

// Starts what may be started: in order, at most four at a time, within the budget.
void HlsTrack::fill() {
  std::size_t fetching = 0;
  for (const auto& slot : slots_) fetching += slot->state == Slot::State::fetching;
  bool is_head = true;
  for (auto& slot : slots_) {
    if (fetching >= kMostFetches) return;
    const bool startable = slot->state == Slot::State::wanted && slot->retry == net::TimerId::none;
    if (startable && !affordable(*slot, is_head)) return;
    if (startable) {
      slot->state = Slot::State::fetching;
      slot->fetch_began = net::Loop::now();
      slot->fetch = fetch(*slot, false);
      ++fetching;
    }
    if (slot->state != Slot::State::lost) is_head = false;
  }
}

bool HlsTrack::affordable(const Slot& slot, bool is_head) const {
  if (is_head) return true;
  std::size_t held = 0, open = 0;
  for (const auto& other : slots_) {
    if (other->state == Slot::State::ready) held += other->body.size();
    if (other->state == Slot::State::fetching) held += usual_bytes_;
    open += other->state == Slot::State::ready || other->state == Slot::State::fetching;
    if (other.get() == &slot) break;
  }
  // Two at a time hide the round trip even where one alone fills the budget, and until the first has shown its size.
  if (open < 2) return true;
  if (at_risk(slot)) return held + usual_bytes_ <= options_.hard_budget;
  return usual_bytes_ > 0 && held + usual_bytes_ <= options_.budget;
}

// Among the oldest third of a moving window: it must be fetched now or may be gone.
bool HlsTrack::at_risk(const Slot& slot) const {
  if (!sliding_ || !next_sequence_) return false;
  const auto window = *next_sequence_ - window_first_;
  return slot.segment.sequence < window_first_ + std::max<std::uint64_t>(2, window / 3);
}

bool HlsTrack::has_left(const Slot& slot) const {
  return slot.orphaned || (sliding_ && slot.segment.sequence < window_first_);
}

net::FetchId HlsTrack::fetch(Slot& slot, bool second) {
  net::HttpRequest request;
  request.url = slot.segment.uri;
  request.headers = options_.headers;
  if (slot.segment.range) request.range = net::Range{slot.segment.range->offset, slot.segment.range->length};
  request.max_bytes = kLargestSegment;
  // A fetch that stands still is given up early enough to be repeated within the window.
  request.stall_timeout = std::clamp(to_ms(2 * slot.segment.duration), milliseconds{3'000}, milliseconds{10'000});
  const auto sink = std::make_shared<SegmentSink>(loop_.buffers());
  const bool encrypted = slot.segment.key && slot.segment.key->method != media::SegmentKey::Method::none;
  if (!encrypted) request.sink = sink;
  return loop_.fetch(std::move(request), [this, &slot, second, sink](auto answer) {
    segment_answered(slot, second, std::move(answer), *sink);
  });
}

// A segment about to leave the window whose fetch seems to stand still is asked for once more beside it: whichever comes first
// counts. Waiting for the stall to be certain would cost the segment.
void HlsTrack::rescue() {
  for (auto& slot : slots_) {
    const bool late = slot->state == Slot::State::fetching && net::Loop::now() - slot->fetch_began >= kSuspicious;
    if (late && slot->second == net::FetchId::none && at_risk(*slot)) slot->second = fetch(*slot, true);
  }
}

void HlsTrack::segment_answered(Slot& slot, bool second, Result<net::HttpResponse> answer, SegmentSink& sink) {
  (second ? slot.second : slot.fetch) = net::FetchId::none;
  const auto other = second ? slot.fetch : slot.second;
  if (answer) answer = net::expect_success(std::move(*answer));
  if (answer && answer->body_bytes == 0) answer = fail(ErrorKind::not_found, "an empty answer");
  if (answer) {
    loop_.cancel(other);
    slot.fetch = slot.second = net::FetchId::none;
    segment_arrived(slot, {std::move(answer->body), false, sink.release()});
  } else if (other == net::FetchId::none) {
    slot.state = Slot::State::wanted;
    segment_failed(slot, answer.error());
  }
  fill();
  on_change_();
}

void HlsTrack::segment_arrived(Slot& slot, Opener::Body body) {
  slot.body = std::move(body);
  slot.state = Slot::State::ready;
  usual_bytes_ = std::max(slot.body.size(), usual_bytes_ - usual_bytes_ / 8);
}

void HlsTrack::segment_failed(Slot& slot, const Error& error) {
  log::debug("segment {}: {}", slot.segment.sequence, error.message);
  ++slot.tries;
  if (!slot.failing_since) slot.failing_since = net::Loop::now();
  if (error.kind == ErrorKind::forbidden) forbidden_ = true;
  if (has_left(slot)) ++slot.tries_after_leaving;
  if (out_of_patience(slot, error)) return lose(slot, error);
  const auto delay = Backoff{milliseconds{200}, milliseconds{3'000}}.delay(slot.tries, jitter());
  slot.retry = loop_.after(delay, [this, &slot] {
    slot.retry = net::TimerId::none;
    fill();
  });
}

bool HlsTrack::out_of_patience(const Slot& slot, const Error& error) const {
  if (has_left(slot)) return slot.tries_after_leaving >= 2;
  // Within a moving window the window is the limit; the time is only a guard against one that stands still.
  const auto failing = net::Loop::now() - *slot.failing_since;
  const auto patience = error.kind == ErrorKind::not_found ? options_.patience_gone : options_.patience;
  return failing >= (sliding_ && !end_listed_ ? 5 * options_.patience : patience);
}

void HlsTrack::lose(Slot& slot, const Error& error) {
  if (slot.fallback) {  // damaged, but it is all there is
    slot.body = {};
    slot.state = Slot::State::ready;
    return;
  }
  slot.state = Slot::State::lost;
  slot.reason = error.message;
  slot.kind = error.kind;
}

void HlsTrack::stop(Slot& slot) {
  loop_.cancel(slot.fetch);
  loop_.cancel(slot.second);
  loop_.cancel(slot.retry);
}

}  // namespace aircheck::capture
