// What keeps a stream going once it runs: URLs renewed, other ways taken, its end recognised.
#include <fmt/core.h>

#include <algorithm>

#include "base/log.hpp"
#include "capture/over.hpp"
#include "capture/stream.hpp"

namespace aircheck::capture {
namespace {

constexpr milliseconds kCheckEvery{1'000};
constexpr milliseconds kSoonestRenewal{5'000};
constexpr milliseconds kLongestFirstLoad{60'000};
// New URLs that are refused sooner than this, so often in a row, are no matter of age: this way is closed to us.
constexpr milliseconds kSoonRefused{120'000};
constexpr int kMostRefusals = 2;
constexpr int kMostStallPauses = 4;
constexpr milliseconds kWhileCatchingUp{300'000};

}  // namespace

void Stream::check() {
  checking_ = loop_.after(kCheckEvery, [this] { check(); });
  if (state_ != StreamState::running) return;
  if (all_ended()) return on_change_();
  if (never_loaded_for(kLongestFirstLoad) && barred_.empty() && rung_ == Rung::fragments) {
    bar_rung("nothing of it can be fetched");
    return renew("another way is needed");
  }
  if (never_loaded_for(kLongestFirstLoad))
    return fail_with(trouble().value_or(Error{ErrorKind::unavailable, "the playlist cannot be read"}));
  if (options_.direct) {
    if (unreadable_for(options_.give_up_after)) end("its playlist has been unreadable for too long");
    return;
  }
  if (resolver_.busy() || start_) return;
  const auto now = net::Loop::now();
  if (!stalled()) stalls_ = 0;
  if (over_count_ >= 2 && lag().count() == 0 && stalled()) return end("yt-dlp has said so twice");
  // While what is left is being fetched there is nothing to ask.
  const auto pause_over =
      over_count_ >= 2 ? std::max(kWhileCatchingUp, options_.ask_again_after) : options_.ask_again_after;
  if (over_count_ > 0 && now - asked_at_ >= pause_over) return renew("is it really over?");
  if (now - renewed_at_ >= options_.renew_after) return renew("its URLs are about to expire");
  if (!barred_.empty() && now >= barred_until_) {
    barred_.clear();
    return renew("the better way may work again");
  }
  const auto pause = kSoonestRenewal * (1 << std::min(renewals_failed_, 5));
  if (forbidden() && now - asked_at_ >= pause) return renew("the origin answers 403");
  const auto silence = options_.stall_after * (1 << std::min(stalls_, kMostStallPauses));
  if (stalled() && now - asked_at_ >= std::max<milliseconds>(silence, pause)) renew("nothing new comes");
}

void Stream::renew(std::string_view why) {
  log::info("asking yt-dlp again: {}", why);
  asked_at_ = net::Loop::now();
  if (forbidden()) refusals_ = asked_at_ - renewed_at_ < kSoonRefused ? refusals_ + 1 : 1;
  if (refusals_ > kMostRefusals && rung_ == Rung::fragments) bar_rung("new URLs are refused at once");
  stalls_ = stalled() && !forbidden() ? stalls_ + 1 : 0;
  resolver_.resolve(options_.url, [this](auto resolution) { renewed(std::move(resolution)); });
}

// Not for ever: what refuses us now may serve us later.
void Stream::bar_rung(std::string_view why) {
  log::warn("{} given up for the moment: {}", rung_ == Rung::fragments ? "fragments are" : "HLS is", why);
  barred_ = {rung_};
  fallen_ = true;
  refusals_ = 0;
  barred_until_ = net::Loop::now() + options_.bar_for * (1 << std::min(bars_++, 4));
}

void Stream::renewed(Result<Resolution> resolution) {
  asked_at_ = net::Loop::now();
  if (!resolution && is_over(resolution.error().kind)) return said_over(resolution.error().message);
  if (!resolution) {
    ++renewals_failed_;
    refusal_ = resolution.error();
    log::warn("yt-dlp: {}", refusal_->message);
    return;
  }
  refusal_.reset();
  note_info(*resolution);
  const auto choice = choose_formats(*resolution, wish());
  const bool over = is_over(resolution->live_status);
  // What is listed once it is over counts otherwise; only new URLs of the same are of use.
  if (choice && (!over || choice->rung == rung_)) renew_urls(*choice);
  if (over) return said_over("yt-dlp says that it is not live any more");
  over_count_ = 0;
  if (!choice) ++renewals_failed_;
}

void Stream::renew_urls(const Choice& choice) {
  renewals_failed_ = 0;
  renewed_at_ = asked_at_;
  const auto targets = targets_of(choice);
  if (choice.rung != rung_ || targets.size() != tracks_.size()) {
    tracks_.clear();  // what they hold and is not committed comes again
    return take(choice, true);
  }
  for (std::size_t i = 0; i < targets.size(); ++i)
    tracks_[i]->switch_url(targets[i].url, targets[i].headers, targets[i].format_id);
  formats_.clear();
  for (const auto& target : targets) formats_.push_back(target.format_id);
}

// Believed only the second time, and when everything that the playlist lists is in hand.
void Stream::said_over(std::string_view words) {
  ++over_count_;
  for (auto& track : tracks_) {
    if (over_count_ >= 2) track->note_over();
    track->poll_now();
  }
  if (over_count_ >= 2 && lag().count() == 0 && stalled()) end(words);
}

bool Stream::stalled() const {
  const auto limit = net::Loop::now() - options_.stall_after;
  return std::any_of(tracks_.begin(), tracks_.end(),
                     [&](const auto& track) { return track->health().changed_at < limit; });
}

bool Stream::forbidden() const {
  return std::any_of(tracks_.begin(), tracks_.end(), [](const auto& track) { return track->health().forbidden; });
}

bool Stream::all_ended() const {
  return !tracks_.empty() &&
         std::all_of(tracks_.begin(), tracks_.end(), [](const auto& track) { return track->health().ended; });
}

bool Stream::unreadable_for(milliseconds time) const {
  const auto limit = net::Loop::now() - time;
  return std::any_of(tracks_.begin(), tracks_.end(),
                     [&](const auto& track) { return track->health().read_at < limit; });
}

bool Stream::never_loaded_for(milliseconds time) const {
  return net::Loop::now() - opened_at_ >= time &&
         std::any_of(tracks_.begin(), tracks_.end(), [](const auto& track) { return !track->health().loaded; });
}

nanoseconds Stream::lag() const {
  nanoseconds most{0};
  for (const auto& track : tracks_) most = std::max(most, track->health().pending);
  return most;
}

std::optional<Error> Stream::trouble() const {
  for (const auto& track : tracks_)
    if (auto trouble = track->health().trouble) return trouble;
  return refusal_;
}

}  // namespace aircheck::capture
