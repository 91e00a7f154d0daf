// What keeps a stream going once it runs: URLs renewed, other ways taken. How its end is recognised: stream_end.cpp.
#include <fmt/core.h>

#include <algorithm>

#include "base/log.hpp"
#include "capture/fragment_url.hpp"
#include "capture/over.hpp"
#include "capture/stream.hpp"

namespace aircheck::capture {
namespace {

constexpr milliseconds kSoonestRenewal{5'000};
constexpr milliseconds kLongestFirstLoad{60'000};
// New URLs that are refused sooner than this, so often in a row, are no matter of age: this way is closed to us.
constexpr milliseconds kSoonRefused{120'000};
constexpr int kMostRefusals = 2;
// Fragments wait for it: that web_safari's turn comes, whose URLs can have PO tokens, costs nothing.
constexpr int kMostRefusalsOfFragments = 3;
constexpr int kMostUnansweredRenewals = 3;  // by a proxy
constexpr int kMostStallPauses = 4;
constexpr milliseconds kWhileCatchingUp{300'000};

}  // namespace

void Stream::check() {
  checking_ = loop_.after(kCheckEvery, [this] { check(); });
  if (state_ != StreamState::running) return;
  if (all_ended()) return on_change_();
  note_progress();
  if (silent()) {
    log::warn("nothing new has come for {} s: the recording ends, though the stream may go on",
              options_.silence_limit.count() / 1000);
    return end("its silence was too long");
  }
  const bool cannot_be_read = stopped() && trouble() && trouble()->kind == ErrorKind::unsupported;
  if (cannot_be_read || never_loaded_for(kLongestFirstLoad)) return nothing_comes();
  if (loop_.unanswered() >= kMostUnansweredRenewals && change_proxy("nothing comes through it") && !options_.direct)
    return renew("our address is another now");
  if (options_.direct) {
    if (unreadable_for(options_.give_up_after)) end("its playlist has been unreadable for too long");
    return;
  }
  look_for_end();
  if (resolver_.busy() || start_ || probe_) return;
  const auto now = net::Loop::now();
  if (!stalled()) stalls_ = 0;
  if (is_at_end())
    return end(end_is_listed() ? "the playlist beside it and yt-dlp say so" : "yt-dlp has said so twice");
  if (over_count_ == 1 && end_is_listed()) return said_over();
  // While what is left is being fetched there is nothing to ask.
  const auto pause_over =
      over_count_ >= 2 ? std::max(kWhileCatchingUp, options_.ask_again_after) : options_.ask_again_after;
  if (over_count_ > 0 && now - asked_at_ >= pause_over) return renew("is it really over?");
  const auto pause = kSoonestRenewal * (1 << std::min(renewals_failed_, 5));
  if (may_ask_about_end() && now - asked_at_ >= pause) {
    asked_about_end_ = true;
    return renew("the playlist beside the fragments has ended");
  }
  if (now - renewed_at_ >= renewal_delay_ && now - asked_at_ >= pause) return renew("its URLs are about to expire");
  if (fallen_ && now >= try_better_at_) {
    look_up();
    return renew("the better way may work again");
  }
  if (forbidden() && now - asked_at_ >= pause) return renew("the origin answers 403");
  if (stopped() && over_count_ == 0 && now - asked_at_ >= pause * (1 << std::min(stalls_, kMostStallPauses)))
    return renew("yt-dlp's download has come to its end");
  const auto silence = options_.stall_after * (1 << std::min(stalls_, kMostStallPauses));
  if (stalled() && now - asked_at_ >= std::max<milliseconds>(silence, pause)) renew("nothing new comes");
}

void Stream::note_progress() {
  auto now = committed_();
  if (now == progress_) return;
  progress_ = std::move(now);
  progressed_at_ = system_now();
}

// Of this way, from the first. Another may do; where all have been tried, or there is only this, that is the end.
void Stream::nothing_comes() {
  const auto why = trouble().value_or(Error{ErrorKind::unavailable, "the playlist cannot be read"});
  const bool barred = std::ranges::find(barred_, rung_) != barred_.end();
  if (options_.direct || barred || (rung_ == Rung::pipe && barred_.empty())) return fail_with(why);
  if (resolver_.busy()) return;
  bar_rung(rung_, why.message);
  renew("another way is needed");
}

void Stream::look_up() {
  const bool barred = !barred_.empty();
  if (barred) try_better_at_ = net::Loop::now() + options_.bar_for;
  else put_off_better();
  // The client that was asked last may not be offered the better way at all. Where there is a provider, it is the one with tokens.
  if (barred || !has_provider_) approaches_.restart();
  barred_.clear();
}

void Stream::renew(std::string_view why) {
  log::info("asking yt-dlp again: {}", why);
  asked_at_ = net::Loop::now();
  if (forbidden()) note_refusal();
  stalls_ = stalled() && !forbidden() ? stalls_ + 1 : 0;
  ask([this](auto resolution) { renewed(std::move(resolution)); });
}

// The first time it may be their age. Then another client may be given better ones, and at last another way is better.
void Stream::note_refusal() {
  refusals_ = asked_at_ - renewed_at_ < kSoonRefused ? refusals_ + 1 : 1;
  const auto committed = committed_();
  const bool fruitless = committed == renewed_from_;
  renewed_from_ = committed;
  if (refusals_ < 2) return;
  advance_approach("new URLs are refused at once");
  // HLS that is refused again and again but brings something in between is better than what is left.
  const bool fragments = rung_ == Rung::fragments;
  if (refusals_ > (fragments ? kMostRefusalsOfFragments : kMostRefusals) && (fragments || fruitless))
    bar_rung(rung_, "new URLs are refused at once");
}

// URLs were refused that had never served.
bool Stream::ask_as_another() {
  return ++refusals_ <= kMostRefusalsOfFragments && advance_approach("new URLs are refused");
}

bool Stream::advance_approach(std::string_view why) {
  const bool more = approaches_.advance();
  if (!more) return change_proxy("all clients are refused");
  log::warn("{}: yt-dlp is to ask {}", why, asked_as());
  return true;
}

// All through one, for URLs are bound to the address that has asked for them.
bool Stream::change_proxy(std::string_view why) {
  const auto failed = shown_proxy(proxies_.current());
  if (++proxy_changes_ >= std::max<std::size_t>(proxies_.size(), 1)) proxy_changes_ = 0;
  if (proxy_changes_ == 0 || !proxies_.fail(net::Loop::now())) return false;
  log::warn("the proxy {} is left for a while: {}; {} takes over", failed, why, shown_proxy(proxies_.current()));
  loop_.set_proxy(proxies_.current());
  approaches_.restart();
  refusals_ = 0;
  return true;
}

// Another address or another client may be told what this one is not. False when there is none, or all have been tried.
bool Stream::ask_otherwise(const Error& error) {
  if (is_about_address(error.kind) && change_proxy(error.message)) return true;
  if (options_.direct || !is_refusal(error.kind)) return false;
  if (!first_refusal_) first_refusal_ = error;
  return advance_approach(error.message);
}

void Stream::put_off_better() {
  fallen_ = true;
  try_better_at_ = net::Loop::now() + options_.bar_for * (1 << std::min(put_off_++, 4));
}

// Not for ever: what refuses us now may serve us later.
void Stream::bar_rung(Rung rung, std::string_view why) {
  log::warn("given up for the moment: {}: {}", in_words(rung), why);
  if (std::ranges::find(barred_, rung) == barred_.end()) barred_.push_back(rung);
  refusals_ = 0;
  put_off_better();
}

void Stream::renewed(Result<Resolution> resolution) {
  asked_at_ = net::Loop::now();
  if (!resolution && is_over(resolution.error().kind)) return said_over();
  if (!resolution) {
    if (!ask_otherwise(resolution.error())) ++renewals_failed_;
    refusal_ = resolution.error();
    log::warn("yt-dlp: {}", refusal_->message);
    return;
  }
  refusal_.reset();
  note_info(*resolution);
  note_tokens(*resolution);
  end_sign_.watch(playlist_beside(*resolution));
  const auto choice = choose_formats(*resolution, wish());
  const bool over = is_over(resolution->live_status);
  // What is listed once it is over counts otherwise; only new URLs of the same are of use.
  // Nor would yt-dlp's own download go on: it would begin anew.
  if (choice && !over && is_better(choice->rung)) return try_better(*std::move(resolution));
  if (choice && (!over || (choice->rung == rung_ && rung_ != Rung::pipe))) renew_urls(*choice);
  if (over) return said_over();
  over_count_ = 0;
  if (!choice) ++renewals_failed_;
}

// Than the present one: the way back up.
bool Stream::is_better(Rung rung) const {
  return rung_ == Rung::pipe ? rung != Rung::pipe : rung_ == Rung::hls && rung == Rung::fragments;
}

// What the present way does not bring while it is left for nothing is lost: it goes on until the other has been seen to work.
void Stream::try_better(Resolution resolution) {
  over_count_ = 0;
  const auto choice = choose_formats(resolution, wish());
  if (!choice || !is_better(choice->rung)) {
    if (choice) renew_urls(*choice);
    return;
  }
  probe_ = std::make_unique<WayProbe>(
      loop_, choice->video, [this, resolution = std::move(resolution), choice = *choice](const auto& works) mutable {
        const auto probe = std::move(probe_);  // lives to the end of its own call
        if (works) return renew_urls(choice);
        if (rung_ == Rung::hls && works.error().kind == ErrorKind::forbidden && ask_as_another())
          return renew("another client may be given what serves");
        bar_rung(choice.rung, works.error().message);
        try_better(std::move(resolution));
      });
}

void Stream::renew_urls(const Choice& choice) {
  renewals_failed_ = 0;
  renewed_at_ = asked_at_;
  const auto targets = targets_of(choice);
  renewal_delay_ = renewal_delay_of(targets);
  if (choice.rung != rung_ || targets.size() != tracks_.size()) {
    // The better way is not offered any more, as for want of a PO token. It may be again.
    if (!fallen_ && choice.rung != rung_ && !is_better(choice.rung)) put_off_better();
    tracks_.clear();  // what they hold and is not committed comes again
    return take(choice, true);
  }
  for (std::size_t i = 0; i < targets.size(); ++i)
    tracks_[i]->switch_url(targets[i].url, targets[i].headers, targets[i].format_id);
  formats_.clear();
  for (const auto& target : targets) formats_.push_back(target.format_id);
}

// What one client is refused without a token, another may be given: what is known of it is kept until there is one.
void Stream::note_tokens(const Resolution& resolution) {
  const auto& formats = resolution.formats;
  const bool has_token = std::ranges::any_of(formats, [](const auto& format) { return has_po_token(format.url); });
  has_provider_ = has_provider_ || has_token || !resolution.token_trouble.empty();
  if (has_token) return wants_token_.clear();
  if (std::ranges::none_of(formats, [](const auto& format) { return format.token_missing; })) return;
  const auto& trouble = resolution.token_trouble;
  if (trouble.empty() && !wants_token_.empty()) return;  // this client's turn is none of the provider's
  wants_token_ = "YouTube wants a PO token for it: ";
  if (trouble.empty())
    wants_token_ += "install yt-dlp's plugin and run its provider (docs/operations.md, 'When YouTube refuses')";
  else wants_token_ += "its provider gave none: " + trouble;
}

// With what can be done about it, once. By a way that never brought anything yt-dlp's own download may say something else than 403.
Error Stream::explained(Error error) const {
  const bool served = std::ranges::any_of(tracks_, [](const auto& track) { return track->health().loaded; });
  const bool refused = error.kind == ErrorKind::forbidden || !served;
  if (refused && error.message.find(wants_token_) == std::string::npos) error.message += ". " + wants_token_;
  return error;
}

// Of the one that expires first.
milliseconds Stream::renewal_delay_of(const std::vector<Target>& targets) const {
  auto delay = options_.renew_after;
  for (const auto& target : targets) delay = renewal_delay(target.url, system_now(), delay);
  return delay;
}

bool Stream::stopped() const {
  return std::any_of(tracks_.begin(), tracks_.end(), [](const auto& track) { return track->health().stopped; });
}

bool Stream::stalled() const {
  const auto limit = net::Loop::now() - options_.stall_after;
  return std::any_of(tracks_.begin(), tracks_.end(),
                     [&](const auto& track) { return track->health().changed_at < limit; });
}

bool Stream::forbidden() const {
  return std::any_of(tracks_.begin(), tracks_.end(), [](const auto& track) { return track->health().forbidden; });
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
    if (auto trouble = track->health().trouble) return explained(*std::move(trouble));
  return refusal_;
}

}  // namespace aircheck::capture
