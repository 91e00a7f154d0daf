// The fetching of segments. What happens to a segment once it is there: segment_queue_output.cpp.
#include "capture/segment_queue.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "capture/jitter.hpp"
#include "core/retry.hpp"

namespace aircheck::capture {
namespace {

constexpr std::size_t kMostFetches = 4;
constexpr std::size_t kLargestSegment = 256u << 20;
constexpr milliseconds kSuspicious{1'000};

}  // namespace

SegmentQueue::SegmentQueue(net::Loop& loop, TrackOptions options, Rung rung, std::function<void()> on_change,
                           std::function<void(const Answer&)> on_answer)
    : loop_(loop),
      options_(std::move(options)),
      rung_(rung),
      on_change_(std::move(on_change)),
      on_answer_(std::move(on_answer)),
      opener_(loop, [this] { on_change_(); }) {}

SegmentQueue::~SegmentQueue() {
  for (auto& slot : slots_) stop(*slot);
}

void SegmentQueue::append(Entry entry) {
  auto slot = std::make_unique<Slot>();
  slot->entry = std::move(entry);
  slots_.push_back(std::move(slot));
}

void SegmentQueue::append_lost(Entry entry, const Error& error) {
  append(std::move(entry));
  lose(*slots_.back(), error);
}

void SegmentQueue::confirm(std::uint64_t end) {
  for (auto slot = slots_.rbegin(); slot != slots_.rend() && (*slot)->entry.tentative; ++slot)
    if ((*slot)->entry.segment.sequence < end) (*slot)->entry.tentative = false;
}

void SegmentQueue::drop_tentative() {
  while (has_tentative()) {
    stop(*slots_.back());
    slots_.pop_back();
  }
}

void SegmentQueue::for_each_unfetched(const std::function<void(media::MediaSegment&, std::uint64_t)>& renew) {
  for (auto& slot : slots_)
    if (slot->state != Slot::State::ready && slot->state != Slot::State::lost)
      renew(slot->entry.segment, slot->entry.epoch);
}

void SegmentQueue::release() {
  held_ = false;
  for (auto& slot : slots_) slot->failing_since.reset();
}

void SegmentQueue::orphan_all() {
  for (auto& slot : slots_) slot->orphaned = true;
}

// In order, at most four at a time, within the budget.
void SegmentQueue::fill() {
  if (held_) return;
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

bool SegmentQueue::affordable(const Slot& slot, bool is_head) const {
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
bool SegmentQueue::at_risk(const Slot& slot) const {
  if (!window_.sliding) return false;
  const auto length = window_.end - window_.first;
  return slot.entry.segment.sequence < window_.first + std::max<std::uint64_t>(2, length / 3);
}

bool SegmentQueue::has_left(const Slot& slot) const {
  return slot.orphaned || (window_.sliding && slot.entry.segment.sequence < window_.first);
}

net::FetchId SegmentQueue::fetch(Slot& slot, bool second) {
  const auto& segment = slot.entry.segment;
  net::HttpRequest request;
  request.url = segment.uri;
  request.headers = options_.headers;
  if (segment.range) request.range = net::Range{segment.range->offset, segment.range->length};
  request.max_bytes = kLargestSegment;
  // A fetch that stands still is given up early enough to be repeated within the window. Of a fragment nobody knows the length,
  // and the origin may hold back its answer until it is made.
  const bool unknown = segment.duration.count() == 0;
  const auto patient = unknown ? milliseconds{10'000} : std::chrono::duration_cast<milliseconds>(2 * segment.duration);
  request.stall_timeout = std::clamp(patient, milliseconds{3'000}, milliseconds{10'000});
  const auto sink = std::make_shared<SegmentSink>(loop_.buffers());
  const bool encrypted = segment.key && segment.key->method != media::SegmentKey::Method::none;
  if (!encrypted) request.sink = sink;
  return loop_.fetch(std::move(request),
                     [this, &slot, second, sink](auto answer) { answered(slot, second, std::move(answer), *sink); });
}

// A segment about to leave the window whose fetch seems to stand still is asked for once more beside it: whichever comes first
// counts. Waiting for the stall to be certain would cost the segment.
void SegmentQueue::rescue() {
  for (auto& slot : slots_) {
    const bool late = slot->state == Slot::State::fetching && net::Loop::now() - slot->fetch_began >= kSuspicious;
    if (late && slot->second == net::FetchId::none && at_risk(*slot)) slot->second = fetch(*slot, true);
  }
}

void SegmentQueue::answered(Slot& slot, bool second, Result<net::HttpResponse> answer, SegmentSink& sink) {
  (second ? slot.second : slot.fetch) = net::FetchId::none;
  const auto other = second ? slot.fetch : slot.second;
  if (on_answer_) on_answer_({slot.entry.segment.sequence, slot.entry.epoch, slot.entry.tentative, answer});
  if (answer) answer = net::expect_success(std::move(*answer));
  if (answer && answer->body_bytes == 0) answer = fail(ErrorKind::not_found, "an empty answer");
  if (slot.entry.tentative) {
    if (!answer && answer.error().kind == ErrorKind::forbidden) forbidden_ = true;
    drop_tentative();
  } else if (answer) {
    loop_.cancel(other);
    slot.fetch = slot.second = net::FetchId::none;
    arrived(slot, {std::move(answer->body), false, sink.release()});
  } else if (other == net::FetchId::none) {
    slot.state = Slot::State::wanted;
    failed(slot, answer.error());
  }
  fill();
  on_change_();
}

void SegmentQueue::arrived(Slot& slot, Opener::Body body) {
  slot.body = std::move(body);
  slot.state = Slot::State::ready;
  succeeded_at_ = net::Loop::now();
  usual_bytes_ = std::max(slot.body.size(), usual_bytes_ - usual_bytes_ / 8);
}

void SegmentQueue::failed(Slot& slot, const Error& error) {
  log::debug("segment {}: {}", slot.entry.segment.sequence, error.message);
  if (held_) return;
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

bool SegmentQueue::out_of_patience(const Slot& slot, const Error& error) const {
  if (has_left(slot)) return slot.tries_after_leaving >= 2;
  const auto failing = net::Loop::now() - *slot.failing_since;
  const auto patience = error.kind == ErrorKind::not_found ? options_.patience_gone : options_.patience;
  if (window_.lasting) {
    // Waiting costs nothing but lag. What the origin denies in so many words is a hole; what it could not answer is not, as
    // long as it answers nothing else either.
    if (error.kind == ErrorKind::not_found) return failing >= options_.patience;
    return (failing >= 5 * patience && succeeded_at_ > *slot.failing_since) ||
           (window_.over && failing >= 15 * patience);
  }
  // Within a moving window the window is the limit; the time is only a guard against one that stands still.
  return failing >= (window_.sliding && !window_.complete ? 5 * options_.patience : patience);
}

void SegmentQueue::lose(Slot& slot, const Error& error) {
  if (slot.fallback) {  // damaged, but it is all there is
    slot.body = {};
    slot.state = Slot::State::ready;
    return;
  }
  slot.state = Slot::State::lost;
  slot.error = error;
}

void SegmentQueue::stop(Slot& slot) {
  loop_.cancel(slot.fetch);
  loop_.cancel(slot.second);
  loop_.cancel(slot.retry);
}

nanoseconds SegmentQueue::pending(nanoseconds usual) const {
  nanoseconds out{0};
  for (const auto& slot : slots_) {
    const auto duration = slot->entry.segment.duration;
    if (!slot->entry.tentative) out += duration.count() > 0 ? duration : usual;
  }
  return out;
}

}  // namespace aircheck::capture
