// How the end of a stream is recognised. ENDLIST of what is recorded is one. Fragments have none, they only stop coming, as they do
// when the broadcaster's line fails: yt-dlp must say so twice, or once beside the ENDLIST of the playlist that is offered too.
#include <algorithm>

#include "capture/stream.hpp"

namespace aircheck::capture {
namespace {

constexpr int kMissedBeats = 3;  // of fragments, before the playlist beside them is looked into
constexpr milliseconds kSoonestLook{3'000};

}  // namespace

// Believed only the second time, and when everything that the playlist lists is in hand.
void Stream::said_over() {
  over_count_ += over_count_ == 0 && end_is_listed() ? 2 : 1;
  over_at_ = net::Loop::now();
  for (auto& track : tracks_) {
    if (over_count_ >= 2) track->note_over();
    track->poll_now();
  }
}

// Where the playlist has ended a last answer is waited for, else a time that could be a stall's.
bool Stream::is_at_end() const {
  if (over_count_ < 2 || lag().count() > 0) return false;
  const auto answered = [this](const auto& track) { return track->health().read_at > over_at_; };
  return stalled() || (end_is_listed() && std::ranges::all_of(tracks_, answered));
}

// Costs the origin a playlist for every few fragments that fail to come, and nothing while they come.
void Stream::look_for_end() {
  if (rung_ != Rung::fragments || tracks_.empty()) return;
  net::SteadyTime newest{};
  milliseconds beat{0};
  for (const auto& track : tracks_) {
    const auto health = track->health();
    newest = std::max(newest, health.changed_at);
    beat = std::max(beat, health.interval);
  }
  if (end_sign_.end() && newest > end_sign_.end()->seen_at) {
    end_sign_.forget();
    asked_about_end_ = false;
  }
  const auto now = net::Loop::now();
  const auto quiet = std::max(kMissedBeats * beat, kSoonestLook);
  if (now - std::max(newest, looked_at_) < quiet) return;
  looked_at_ = now;
  end_sign_.look();
}

// And nothing that it lists is still to come.
bool Stream::end_is_listed() const {
  if (rung_ != Rung::fragments || !end_sign_.end()) return false;
  const auto& listed = *end_sign_.end();
  return std::ranges::all_of(tracks_, [&](const auto& track) {
    const auto health = track->health();
    return health.changed_at <= listed.seen_at &&
           (health.epoch > listed.epoch || (health.epoch == listed.epoch && health.end >= listed.end));
  });
}

// Once: where yt-dlp says otherwise, it is asked again as if nobody had looked.
bool Stream::may_ask_about_end() const { return over_count_ == 0 && !asked_about_end_ && end_is_listed(); }

// The origin answers and has nothing: an outage is no silence.
bool Stream::silent() const {
  if (options_.silence_limit.count() <= 0 || tracks_.empty()) return false;
  const auto now = net::Loop::now();
  return std::ranges::all_of(tracks_, [&](const auto& track) {
    const auto health = track->health();
    return now - health.changed_at >= options_.silence_limit && now - health.read_at <= options_.stall_after;
  });
}

bool Stream::all_ended() const {
  return !tracks_.empty() &&
         std::all_of(tracks_.begin(), tracks_.end(), [](const auto& track) { return track->health().ended; });
}

}  // namespace aircheck::capture
