#include "capture/stream.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "base/log.hpp"
#include "core/retry.hpp"

namespace aircheck::capture {
namespace {

constexpr milliseconds kCheckEvery{1'000};
constexpr milliseconds kSoonestRenewal{5'000};
constexpr milliseconds kLongestFirstLoad{60'000};

bool is_over(LiveStatus status) {
  return status == LiveStatus::was_live || status == LiveStatus::post_live || status == LiveStatus::not_live;
}

// Errors by which yt-dlp says that there is nothing to wait for.
bool is_over(ErrorKind kind) {
  return kind == ErrorKind::ended || kind == ErrorKind::not_live || kind == ErrorKind::not_found;
}

// The audio that belongs to a variant which has none of its own.
const media::Rendition* audio_of(const media::MasterPlaylist& master, const media::Variant& variant) {
  const media::Rendition* found = nullptr;
  for (const auto& rendition : master.renditions) {
    if (rendition.type != media::Rendition::Type::audio || rendition.group != variant.audio_group ||
        rendition.uri.empty())
      continue;
    if (!found || (rendition.is_default && !found->is_default)) found = &rendition;
  }
  return found;
}

// How often opening is tried: what the origin refuses in so many words will hardly change, what it could not answer may.
int most_tries(const Error& error, bool resuming) {
  if (is_transient(error.kind)) return resuming ? 60 : 5;
  const bool maybe_a_hiccup =
      error.kind == ErrorKind::not_found || error.kind == ErrorKind::corrupt || error.kind == ErrorKind::forbidden;
  return maybe_a_hiccup ? 3 : 1;
}

}  // namespace

Stream::Stream(net::Loop& loop, StreamOptions options, std::function<void()> on_change)
    : loop_(loop), options_(std::move(options)), on_change_(std::move(on_change)), resolver_(loop, options_.resolver) {}

Stream::~Stream() {
  loop_.cancel(opening_);
  loop_.cancel(retry_);
  loop_.cancel(checking_);
}

void Stream::start(std::vector<Position> from) {
  from_ = std::move(from);
  opened_at_ = net::Loop::now();
  open();
}

// ---- opening --------------------------------------------------------------------------------------------------------

void Stream::open() {
  if (options_.direct) return open_playlist();
  resolver_.resolve(options_.url, [this](auto resolution) { resolved(std::move(resolution)); });
}

void Stream::open_playlist() {
  net::HttpRequest request;
  request.url = options_.url;
  request.max_bytes = 32u << 20;
  request.stall_timeout = milliseconds{5'000};
  request.total_timeout = milliseconds{30'000};
  opening_ = loop_.fetch(std::move(request), [this](auto answer) { playlist_answered(std::move(answer)); });
}

void Stream::playlist_answered(Result<net::HttpResponse> answer) {
  opening_ = net::FetchId::none;
  if (answer) answer = net::expect_success(std::move(*answer));
  if (!answer) return open_failed(answer.error());
  auto targets = targets_of(*answer);
  if (!targets) return open_failed(targets.error());
  begin(*targets);
}

Result<std::vector<Stream::Target>> Stream::targets_of(const net::HttpResponse& answer) const {
  const auto playlist = TRY(media::parse_playlist(as_text(answer.body), answer.url));
  const auto* const master = std::get_if<media::MasterPlaylist>(&playlist);
  if (!master) return std::vector<Target>{{options_.url, {}}};
  const auto& variant = media::choose_variant(*master, options_.quality);
  std::vector<Target> targets{{variant.uri, {}}};
  if (const auto* const audio = audio_of(*master, variant)) targets.push_back({audio->uri, {}});
  return targets;
}

void Stream::resolved(Result<Resolution> resolution) {
  if (!resolution) return open_failed(resolution.error());
  info_ = {resolution->video_id, resolution->title, resolution->channel, resolution->thumbnail_url};
  if (resolution->live_status == LiveStatus::is_upcoming && !from_.empty()) {
    // It has been recorded from already: the broadcaster has gone back to the waiting room. No reason to give the job back.
    retry_ = loop_.after(options_.stall_after, [this] { open(); });
    return;
  }
  if (resolution->live_status == LiveStatus::is_upcoming) {
    info_release_at_ = resolution->release_at;
    state_ = StreamState::upcoming;
    return on_change_();
  }
  auto choice = choose_formats(*resolution, options_.quality);
  if (!choice && is_over(resolution->live_status)) {
    const bool never_live = resolution->live_status == LiveStatus::not_live;
    return open_failed({never_live ? ErrorKind::not_live : ErrorKind::ended,
                        never_live ? "this is no live stream" : "the stream is over"});
  }
  if (!choice) return open_failed(choice.error());
  if (resolution->live_status == LiveStatus::not_live)
    return open_failed({ErrorKind::not_live, "this is a video, no live stream"});
  format_id_ = choice->video.id;
  std::vector<Target> targets{{choice->video.url, choice->video.headers}};
  if (choice->audio) targets.push_back({choice->audio->url, choice->audio->headers});
  begin(targets);
}

void Stream::open_failed(const Error& error) {
  const bool resuming = !from_.empty();
  if (resuming && is_over(error.kind)) {
    if (++over_count_ >= 2) return end("it ended while nobody recorded");
  } else if (++open_tries_ >= most_tries(error, resuming)) {
    return fail_with(error);
  }
  const Backoff backoff{milliseconds{500}, milliseconds{15'000}};
  retry_ = loop_.after(backoff.delay(std::max(1, open_tries_), 0.5), [this] { open(); });
}

void Stream::begin(const std::vector<Target>& targets) {
  state_ = StreamState::running;
  opened_at_ = net::Loop::now();
  renewed_at_ = asked_at_ = net::Loop::now();
  for (std::size_t i = 0; i < targets.size(); ++i) {
    auto options = options_.track;
    options.headers = targets[i].headers;
    tracks_.push_back(std::make_unique<HlsTrack>(loop_, std::move(options), [this] { on_change_(); }));
    tracks_.back()->start(targets[i].url, i < from_.size() ? std::optional(from_[i]) : std::nullopt);
  }
  checking_ = loop_.after(kCheckEvery, [this] { check(); });
  on_change_();
}

StreamState Stream::state() {
  if (state_ == StreamState::running && all_ended()) {
    log::info("the stream is over: the playlist says so");
    state_ = StreamState::ended;
  }
  return state_;
}

void Stream::fail_with(Error error) {
  state_ = StreamState::failed;
  error_ = std::move(error);
  on_change_();
}

void Stream::end(std::string_view why) {
  log::info("the stream is over: {}", why);
  state_ = StreamState::ended;
  on_change_();
}

// ---- keeping it going -----------------------------------------------------------------------------------------------

void Stream::check() {
  checking_ = loop_.after(kCheckEvery, [this] { check(); });
  if (state_ != StreamState::running) return;
  if (all_ended()) return on_change_();
  if (never_loaded_for(kLongestFirstLoad))
    return fail_with(trouble().value_or(Error{ErrorKind::unavailable, "the playlist cannot be read"}));
  if (options_.direct) {
    if (unreadable_for(options_.give_up_after)) end("its playlist has been unreadable for too long");
    return;
  }
  if (resolver_.busy()) return;
  const auto now = net::Loop::now();
  if (over_count_ > 0 && now - asked_at_ >= options_.ask_again_after) return renew("is it really over?");
  if (now - renewed_at_ >= options_.renew_after) return renew("its URLs are about to expire");
  const auto pause = kSoonestRenewal * (1 << std::min(renewals_failed_, 5));
  if (forbidden() && now - asked_at_ >= pause) return renew("the origin answers 403");
  if (stalled() && now - asked_at_ >= std::max<milliseconds>(options_.stall_after, pause)) renew("nothing new comes");
}

void Stream::renew(std::string_view why) {
  log::info("asking yt-dlp again: {}", why);
  asked_at_ = net::Loop::now();
  resolver_.resolve(options_.url, [this](auto resolution) { renewed(std::move(resolution)); });
}

void Stream::renewed(Result<Resolution> resolution) {
  asked_at_ = net::Loop::now();
  if (!resolution && is_over(resolution.error().kind)) return said_over(resolution.error().message);
  if (!resolution) {
    ++renewals_failed_;
    log::warn("yt-dlp: {}", resolution.error().message);
    return;
  }
  if (is_over(resolution->live_status)) return said_over("yt-dlp says that it is not live any more");
  over_count_ = 0;
  auto choice = choose_formats(*resolution, options_.quality);
  if (!choice) {
    ++renewals_failed_;
    return;
  }
  for (const auto& format : resolution->formats)
    if (format.id == format_id_ && !format.url.empty()) choice->video = format;
  renewals_failed_ = 0;
  renewed_at_ = asked_at_;
  tracks_[0]->switch_url(choice->video.url, choice->video.headers);
  if (tracks_.size() > 1 && choice->audio) tracks_[1]->switch_url(choice->audio->url, choice->audio->headers);
}

// Believed only the second time, and when everything that the playlist lists is in hand.
void Stream::said_over(std::string_view words) {
  ++over_count_;
  for (auto& track : tracks_) track->poll_now();
  if (over_count_ >= 2 && lag().count() == 0 && stalled()) end(words);
}

bool Stream::stalled() const {
  const auto limit = net::Loop::now() - options_.stall_after;
  return std::any_of(tracks_.begin(), tracks_.end(),
                     [&](const auto& track) { return track->health().playlist_changed_at < limit; });
}

bool Stream::forbidden() const {
  return std::any_of(tracks_.begin(), tracks_.end(), [](const auto& track) { return track->health().forbidden; });
}

bool Stream::all_ended() const {
  return std::all_of(tracks_.begin(), tracks_.end(), [](const auto& track) { return track->health().ended; });
}

bool Stream::unreadable_for(milliseconds time) const {
  const auto limit = net::Loop::now() - time;
  return std::any_of(tracks_.begin(), tracks_.end(),
                     [&](const auto& track) { return track->health().playlist_read_at < limit; });
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
  return {};
}

}  // namespace aircheck::capture
