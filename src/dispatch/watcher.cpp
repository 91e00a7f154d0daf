#include "dispatch/watcher.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "base/log.hpp"
#include "base/uuid.hpp"

namespace aircheck::dispatch {
namespace {

Job job_for(const Watch& watch, const Broadcast& broadcast, Instant now) {
  Job job;
  job.id = make_uuid7(now);
  job.url = fmt::format("https://www.youtube.com/watch?v={}", broadcast.video_id);
  job.video_id = broadcast.video_id;
  job.title = broadcast.title;
  job.channel = broadcast.channel;
  job.thumbnail_url = broadcast.thumbnail_url;
  job.quality = watch.quality;
  job.from_start = watch.from_start;
  job.created_at = now;
  return job;
}

bool is_over(const Error& error) { return error.kind == ErrorKind::ended || error.kind == ErrorKind::not_live; }

// The kinds of error that end the whole look: the program ends, the watch is gone.
bool breaks_off(const Error& error) { return error.kind == ErrorKind::cancelled || error.kind == ErrorKind::not_found; }

}  // namespace

// One look at one channel. `watch` collects what is found, and is written at the end.
class Watcher::Look {
 public:
  Look(Watcher& watcher, Watch& watch, Rhythm& rhythm, TitlePattern pattern)
      : watcher_(watcher),
        ports_(watcher.ports_),
        options_(watcher.options_),
        chance_(watcher.chance()),
        watch_(watch),
        rhythm_(rhythm),
        pattern_(std::move(pattern)),
        questions_(watcher.options_.questions) {}

  std::size_t jobs() const { return jobs_; }

  Result<ChannelFeed> read_feed() {
    if (watch_.channel_id.empty()) watch_.channel_id = TRY(ports_.channels.channel_id(watch_.channel));
    auto feed = TRY(ports_.channels.feed(watch_.channel_id));
    if (!feed.channel_name.empty()) watch_.channel_name = feed.channel_name;
    if (!feed.entries.empty())
      watch_.last_seen = SeenVideo{.video_id = feed.entries[0].video_id, .title = feed.entries[0].title};
    return feed;
  }

  Result<void> consider(const ChannelFeed& feed) {
    // What the feed has no more needs not be remembered.
    std::erase_if(rhythm_.unanswered, [&](const auto& item) {
      return std::ranges::find(feed.entries, item.first, &FeedEntry::video_id) == feed.entries.end();
    });
    std::vector<std::string> video_ids;
    for (const auto& entry : feed.entries)
      if (pattern_.matches(entry.title)) video_ids.push_back(entry.video_id);
    if (!video_ids.empty()) video_ids = TRY(ports_.watches.unjudged(watch_.id, std::move(video_ids)));
    for (const auto& entry : feed.entries)
      if (std::ranges::find(video_ids, entry.video_id) != video_ids.end()) TRY(consider(entry));
    if (!rhythm_.unanswered.empty()) watch_.last_error = rhythm_.unanswered.begin()->second.error;
    return {};
  }

  // The page shows one broadcast, whichever the channel has on the air or announces next.
  Result<void> consider_live_page() {
    const auto found = ports_.channels.broadcast(live_url(watch_));
    if (!found) {
      if (found.error().kind == ErrorKind::cancelled) return std::unexpected(found.error());
      if (!is_over(found.error()) && !watch_.last_error) watch_.last_error = found.error();
      return {};
    }
    if (found->state == Broadcast::State::over || !pattern_.matches(found->title)) return {};
    return admit(*found);
  }

 private:
  Result<void> consider(const FeedEntry& entry) {
    const auto asked = rhythm_.unanswered.find(entry.video_id);
    if (asked != rhythm_.unanswered.end() && ports_.clock.now() < asked->second.again) return {};
    if (questions_ == 0 || watcher_.is_late()) return {};  // the next look goes on
    --questions_;
    const auto found = ask(entry);
    if (!found && !is_over(found.error())) return not_answered(entry.video_id, found.error());
    rhythm_.unanswered.erase(entry.video_id);
    if (!found || found->state == Broadcast::State::over) return ports_.watches.dismiss(watch_.id, entry.video_id);
    return admit(*found);
  }

  Result<Broadcast> ask(const FeedEntry& entry) {
    auto found = ports_.channels.broadcast(fmt::format("https://www.youtube.com/watch?v={}", entry.video_id));
    Broadcast announced;
    announced.state = Broadcast::State::upcoming;
    if (!found && found.error().kind == ErrorKind::upcoming) found = std::move(announced);
    if (!found) return found;
    found->video_id = entry.video_id;
    if (found->title.empty()) found->title = entry.title;
    return found;
  }

  Result<void> not_answered(const std::string& video_id, const Error& error) {
    if (error.kind == ErrorKind::cancelled) return std::unexpected(error);
    auto& asked = rhythm_.unanswered[video_id];
    asked.again = ports_.clock.now() + options_.unanswered.delay(++asked.tries, chance_);
    asked.error = Error{error.kind, fmt::format("video {}: {}", video_id, error.message)};
    return {};
  }

  Result<void> admit(const Broadcast& broadcast) {
    const auto job = TRY(ports_.watches.admit(watch_.id, job_for(watch_, broadcast, ports_.clock.now())));
    if (!job) return {};
    watch_.last_job_id = job->id;
    ++jobs_;
    log::info("job {}: {} goes live: {}", job->id, watch_.channel, broadcast.title);
    // The job is stored, and the reconciler queues what waits too long.
    if (const auto sent = ports_.queue.send(job->id, fmt::format("{}:{}", job->id, job->version)); !sent)
      log::warn("job {} could not be queued yet: {}", job->id, sent.error().message);
    if (ports_.on_queued) ports_.on_queued();
    return {};
  }

  const Watcher& watcher_;
  const Ports& ports_;
  const WatcherOptions& options_;
  double chance_;
  Watch& watch_;
  Rhythm& rhythm_;
  TitlePattern pattern_;
  std::size_t questions_;
  std::size_t jobs_ = 0;
};

Watcher::Watcher(Ports ports, WatcherOptions options)
    : ports_(std::move(ports)), options_(std::move(options)), worker_([this] { return run_step(); }, options_.poll) {}

bool Watcher::run_step() {
  if (const auto done = step(); !done && done.error().kind != ErrorKind::cancelled)
    log::error("watcher: {}", done.error().message);
  return false;
}

Result<Watcher::Step> Watcher::step() {
  began_ = ports_.clock.now();
  const auto watches = TRY(ports_.watches.list());
  std::erase_if(rhythms_,
                [&](const auto& item) { return std::ranges::find(watches, item.first, &Watch::id) == watches.end(); });
  Step step;
  for (const auto& watch : due(watches)) {
    if (is_late()) break;
    if (const auto done = look(watch, step); !done && !breaks_off(done.error()))
      log::warn("watch {}: {}", watch.id, done.error().message);
    else if (!done && done.error().kind == ErrorKind::cancelled) return std::unexpected(done.error());
  }
  return step;
}

std::vector<Watch> Watcher::due(std::vector<Watch> watches) const {
  std::erase_if(watches, [this](const Watch& watch) { return !is_due(watch); });
  std::ranges::stable_sort(watches, {}, &Watch::next_check_at);
  return watches;
}

// What lies further ahead than any plan was planned by a clock that has been set back since.
bool Watcher::is_due(const Watch& watch) const {
  if (!watch.next_check_at) return true;
  const auto wait = *watch.next_check_at - ports_.clock.now();
  return wait <= milliseconds{0} || wait > 2 * options_.interval + options_.trouble.most;
}

bool Watcher::is_late() const {
  return options_.budget > milliseconds{0} && ports_.clock.now() - began_ >= options_.budget;
}

Result<void> Watcher::look(const Watch& found, Step& step) {
  auto claimed = found;
  claimed.last_checked_at = ports_.clock.now();
  claimed.next_check_at = next_look();
  if (!TRY(ports_.watches.claim(claimed, found.next_check_at))) return {};  // another looks at it
  ++step.looked;
  auto watch = claimed;
  const auto done = look_at(watch, rhythms_[watch.id], step);
  // Broken off: whoever comes next need not wait.
  if (!done && done.error().kind == ErrorKind::cancelled) static_cast<void>(ports_.watches.replace(found));
  if (!done) return done;
  step.troubled += watch.last_error ? 1 : 0;
  return watch == claimed ? Result<void>{} : ports_.watches.replace(watch);
}

Result<void> Watcher::look_at(Watch& watch, Rhythm& rhythm, Step& step) {
  const bool is_first = watch.channel_name.empty();  // no look has come to its end yet
  watch.last_error.reset();
  auto pattern = TitlePattern::compile(watch.title);
  if (!pattern) {  // it was stored by a program that understood more
    watch.last_error = pattern.error();
    return {};
  }
  Look look(*this, watch, rhythm, *std::move(pattern));
  const auto feed = look.read_feed();
  if (!feed && feed.error().kind == ErrorKind::cancelled) return std::unexpected(feed.error());
  rhythm.failures = feed ? 0 : rhythm.failures + 1;
  if (!feed) *watch.next_check_at += options_.trouble.delay(rhythm.failures, chance());
  if (feed) TRY(look.consider(*feed));
  else watch.last_error = feed.error();
  if (!feed || is_first) TRY(look.consider_live_page());
  step.jobs += look.jobs();
  return {};
}

Instant Watcher::next_look() const {
  const auto jitter = 0.9 + 0.2 * chance();
  return ports_.clock.now() + std::chrono::duration_cast<milliseconds>(options_.interval * jitter);
}

}  // namespace aircheck::dispatch
