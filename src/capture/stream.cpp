#include "capture/stream.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "base/log.hpp"
#include "capture/fragment_track.hpp"
#include "capture/fragment_url.hpp"
#include "capture/hls_track.hpp"
#include "capture/over.hpp"
#include "capture/pipe_track.hpp"
#include "capture/playlist_target.hpp"
#include "capture/seam.hpp"
#include "core/retry.hpp"

namespace aircheck::capture {
namespace {

// How often opening is tried: what the origin refuses in so many words will hardly change, what it could not answer may.
int most_tries(const Error& error, bool resuming) {
  if (is_transient(error.kind)) return resuming ? 60 : 5;
  const bool maybe_a_hiccup =
      error.kind == ErrorKind::not_found || error.kind == ErrorKind::corrupt || error.kind == ErrorKind::forbidden;
  return maybe_a_hiccup ? 3 : 1;
}

}  // namespace

Stream::Stream(net::Loop& loop, StreamOptions options, std::function<void()> on_change)
    : loop_(loop),
      options_(std::move(options)),
      on_change_(std::move(on_change)),
      resolver_(loop, options_.resolver),
      approaches_(approaches_for(options_.url, options_.resolver)),
      proxies_(options_.proxies),
      end_sign_(loop) {
  if (proxies_.size() > 0) loop_.set_proxy(proxies_.current());
}

Stream::~Stream() {
  loop_.cancel(opening_);
  loop_.cancel(retry_);
  loop_.cancel(checking_);
}

void Stream::start(std::function<std::vector<Position>()> from) {
  committed_ = std::move(from);
  progress_ = committed_();
  progressed_at_ = system_now();
  resuming_ = !progress_.empty();
  opened_at_ = net::Loop::now();
  open();
}

// ---- opening --------------------------------------------------------------------------------------------------------

void Stream::open() {
  if (options_.direct) return open_playlist();
  ask([this](auto resolution) { resolved(std::move(resolution)); });
}

void Stream::ask(Resolver::Done done) { resolver_.resolve(options_.url, approach(), std::move(done)); }

Approach Stream::approach() const {
  auto out = approaches_.current();
  out.proxy = proxies_.current();
  return out;
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
  begin(Rung::hls, *targets, committed_());
}

Result<std::vector<Stream::Target>> Stream::targets_of(const net::HttpResponse& answer) const {
  std::vector<Target> targets;
  for (auto& url : TRY(playlist_targets(options_.url, answer, options_.quality)))
    targets.push_back({std::move(url), {}, {}});
  return targets;
}

void Stream::resolved(Result<Resolution> resolution) {
  if (!resolution) return open_failed(resolution.error());
  note_info(*resolution);
  note_tokens(*resolution);
  end_sign_.watch(playlist_beside(*resolution));
  extras_ = {resolution->description, resolution->thumbnails};
  if (resolution->live_status == LiveStatus::is_upcoming && resuming_) {
    // It has been recorded from already: the broadcaster has gone back to the waiting room. No reason to give the job back.
    retry_ = loop_.after(options_.stall_after, [this] { open(); });
    return;
  }
  if (resolution->live_status == LiveStatus::is_upcoming) {
    info_release_at_ = resolution->release_at;
    state_ = StreamState::upcoming;
    return on_change_();
  }
  const auto choice = choose_formats(*resolution, wish());
  if (!choice && is_over(resolution->live_status)) {
    const bool never_live = resolution->live_status == LiveStatus::not_live;
    return open_failed({never_live ? ErrorKind::not_live : ErrorKind::ended,
                        never_live ? "this is no live stream" : "the stream is over"});
  }
  if (!choice) return open_failed(choice.error());
  if (resolution->live_status == LiveStatus::not_live)
    return open_failed({ErrorKind::not_live, "this is a video, no live stream"});
  take(*choice, resolution->live_status != LiveStatus::post_live);
}

// A page that refuses has no title; what it was called before counts then.
void Stream::note_info(const Resolution& resolution) {
  if (resolution.title.empty() && !info_.title.empty()) return;
  info_ = {.video_id = resolution.video_id,
           .title = resolution.title,
           .channel = resolution.channel,
           .thumbnail_url = resolution.thumbnail_url,
           .page_url = resolution.page_url,
           .broadcast_at = resolution.release_at};
}

Wish Stream::wish() const {
  Wish out{.quality = options_.quality, .reaches_back = options_.begin.reaches_back(), .barred = barred_};
  if (fallen_) return out;
  if (!tracks_.empty()) {
    out.keep = rung_;
    out.formats = formats_;
    return out;
  }
  const auto positions = committed_();
  if (positions.empty()) return out;
  out.keep = positions.front().rung;
  for (const auto& position : positions) out.formats.push_back(position.format_id);
  return out;
}

std::vector<Stream::Target> Stream::targets_of(const Choice& choice) {
  std::vector<Target> targets{{choice.video.url, choice.video.id, choice.video.headers}};
  if (choice.audio) targets.push_back({choice.audio->url, choice.audio->id, choice.audio->headers});
  return targets;
}

// ---- taking a way ---------------------------------------------------------------------------------------------------

void Stream::take(const Choice& choice, bool live) {
  chosen_ = fmt::format("{} {}: {}", in_words(choice.rung),
                        choice.audio ? choice.video.id + "+" + choice.audio->id : choice.video.id, choice.why);
  if (const auto words = asked_as(); !words.empty()) chosen_ += fmt::format("; asked {}", words);
  log::info("fetching {}", chosen_);
  lacking_ = choice.lacking;
  if (!lacking_.empty())
    log::warn("{} is not taken. {}", lacking_, wants_token_.empty() ? "YouTube wants a PO token for it" : wants_token_);
  rung_ = choice.rung;
  if (rung_ == Rung::fragments) fallen_ = false;
  else if (!lacking_.empty() && has_provider_ && !fallen_) put_off_better();  // it may give tokens later
  const auto from = committed_();
  if (!from.empty()) return take_from(choice, from);
  if (choice.rung == Rung::fragments) return find_start(choice, live);
  begin(choice.rung, targets_of(choice), {});
}

// Where the way is another than the last one, the number of the segment is what they have in common, if they do.
void Stream::take_from(const Choice& choice, std::vector<Position> from) {
  const auto targets = targets_of(choice);
  const bool same = from.front().rung == choice.rung && from.size() == targets.size();
  if (same) return begin(choice.rung, targets, from);
  if (choice.rung == Rung::pipe) return begin(choice.rung, targets, {pipe_position(progressed_at_)});
  if (from.front().rung == Rung::pipe && choice.rung == Rung::hls) {
    const Position behind{.rung = Rung::hls, .behind = pipe_since(from.front()).value_or(progressed_at_)};
    return begin(choice.rung, targets, std::vector<Position>(targets.size(), behind));
  }
  Position seam = from.front();
  const bool numbered = seam.rung == Rung::fragments || seam.common_numbers;
  seam.demux_state.clear();
  seam.rung = choice.rung;
  seam.common_numbers = numbered;
  if (numbered) {
    std::vector<Position> positions(targets.size(), seam);
    // In a transport stream the sound lags behind the picture: what is missing of it is in the fragment before.
    if (positions.size() > 1 && seam.next_sequence > 0) --positions[1].next_sequence;
    return begin(choice.rung, targets, positions);
  }
  if (choice.rung == Rung::fragments) return find_start(choice, true);
  begin(choice.rung, targets, {});
}

void Stream::find_start(const Choice& choice, bool live) {
  auto wanted = options_.begin;
  if (!live) wanted.at_start = true;  // nothing comes any more: what there is is wanted
  if (resuming_ || layout_ > 0) wanted = {};
  start_ = std::make_unique<FragmentStart>(loop_, choice.video.url, choice.video.headers, wanted,
                                           [this, choice](auto first) { start_found(choice, std::move(first)); });
}

void Stream::start_found(const Choice& choice, Result<FragmentStart::Found> found) {
  const auto finder = std::move(start_);  // lives to the end of its own call
  if (!found) {
    log::warn("fragments cannot be had: {}", found.error().message);
    if (found.error().kind == ErrorKind::forbidden && ask_as_another()) return open_soon();
    bar_rung(rung_, found.error().message);
    return open_failed(found.error());
  }
  refusals_ = 0;  // these URLs serve
  Position at{
      .next_sequence = found->first, .demux_state = {}, .rung = choice.rung, .epoch = epoch_of(choice.video.url)};
  std::optional<NumberedSeam> seam;
  if (const auto from = committed_(); !from.empty() && from.front().rung == Rung::pipe) {
    at.behind = pipe_since(from.front()).value_or(progressed_at_);
    seam = NumberedSeam{.newest = found->newest, .after = system_now() - *at.behind, .each = found->each};
  }
  const auto targets = targets_of(choice);
  begin(choice.rung, targets, std::vector<Position>(targets.size(), at));
  seam_ = seam;
}

// A fragment begins when the one before it has been made.
std::optional<Piece> Stream::next(std::size_t track) {
  auto piece = tracks_[track]->next();
  if (!piece || !seam_) return piece;
  const auto made = static_cast<std::int64_t>(piece->after.next_sequence - seam_->newest) - 2;
  const auto after = seam_->after + made * seam_->each;
  piece->seam = Seam{.after = after, .sure = after >= kSeamDoubt * std::max<nanoseconds>(seam_->each, seconds{1})};
  return piece;
}

void Stream::open_failed(const Error& error) {
  resuming_ |= layout_ > 0;
  if (ask_otherwise(error)) return open_soon();
  if (resuming_ && is_over(error.kind)) {
    if (++over_count_ >= 2) return end("it ended while nobody recorded");
  } else if (++open_tries_ >= most_tries(error, resuming_)) {
    return fail_with(is_refusal(error.kind) ? first_refusal_.value_or(error) : error);
  }
  open_soon();
}

void Stream::open_soon() {
  const Backoff backoff{milliseconds{500}, milliseconds{15'000}};
  retry_ = loop_.after(backoff.delay(std::max(1, open_tries_), 0.5), [this] { open(); });
}

std::unique_ptr<Track> Stream::make_track(Rung rung, const Target& target) {
  auto options = options_.track;
  options.headers = target.headers;
  options.format_id = target.format_id;
  if (rung == Rung::fragments)
    return std::make_unique<FragmentTrack>(loop_, std::move(options), [this] { on_change_(); });
  if (rung == Rung::pipe)
    return std::make_unique<PipeTrack>(
        loop_, std::move(options), [this] { return pipe_command(); }, [this] { on_change_(); });
  return std::make_unique<HlsTrack>(loop_, std::move(options), [this] { on_change_(); });
}

// The format is of yt-dlp's choice: one with picture and sound where there is one, for joining two wants FFmpeg.
SubprocessOptions Stream::pipe_command() const {
  auto command = yt_dlp_command();
  const bool lines = !options_.quality.empty() && options_.quality.find_first_not_of("0123456789") == std::string::npos;
  std::string format = options_.quality == "worst" ? "w/wv*+wa/wv*/wa" : "b/bv*+ba/bv*/ba";
  // What refuses us refuses it too.
  const bool without_hls = std::ranges::find(barred_, Rung::hls) != barred_.end();
  if (without_hls) format.insert(0, "b[protocol!*=m3u8]/bv*[protocol!*=m3u8]+ba[protocol!*=m3u8]/");
  command.arguments.insert(command.arguments.end(), {"--quiet", "--format", format});
  // What it cannot fetch must be seen to be missing: by itself it would leave fragments out, and begin anew, silently.
  command.arguments.insert(command.arguments.end(), {"--abort-on-unavailable-fragments", "--retries", "0"});
  if (lines) command.arguments.insert(command.arguments.end(), {"--format-sort", "res:" + options_.quality});
  command.arguments.insert(command.arguments.end(), {"--output", "-", "--", options_.url});
  command.time_limit = milliseconds{0};
  return command;
}

void Stream::begin(Rung rung, const std::vector<Target>& targets, const std::vector<Position>& from) {
  state_ = StreamState::running;
  first_refusal_.reset();
  proxy_changes_ = 0;
  renewed_from_ = committed_();
  opened_at_ = renewed_at_ = asked_at_ = net::Loop::now();
  renewal_delay_ = renewal_delay_of(targets);
  rung_ = rung;
  tracks_.clear();
  formats_.clear();
  seam_.reset();
  began_at_ = from;
  ++layout_;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    formats_.push_back(targets[i].format_id);
    tracks_.push_back(make_track(rung, targets[i]));
    tracks_.back()->start(targets[i].url, i < from.size() ? std::optional(from[i]) : std::nullopt);
  }
  if (checking_ == net::TimerId::none) checking_ = loop_.after(kCheckEvery, [this] { check(); });
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
  error_ = explained(std::move(error));
  on_change_();
}

void Stream::end(std::string_view why) {
  log::info("the stream is over: {}", why);
  state_ = StreamState::ended;
  on_change_();
}

}  // namespace aircheck::capture
