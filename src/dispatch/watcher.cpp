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
      : ports_(watcher.ports_),
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
    for (const auto& entry : feed.entries)
      if (pattern_.matches(entry.title)) TRY(consider(entry));
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
    if (TRY(ports_.watches.is_judged(watch_.id, entry.video_id))) return {};
    const auto asked = rhythm_.unanswered.find(entry.video_id);
    if (asked != rhythm_.unanswered.end() && ports_.clock.now() < asked->second.again) return {};
    if (questions_ == 0) return {};  // the next look goes on
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
  const auto watches = TRY(ports_.watches.list());
  std::erase_if(rhythms_,
                [&](const auto& item) { return std::ranges::find(watches, item.first, &Watch::id) == watches.end(); });
  Step step;
  for (const auto& watch : watches) {
    auto& rhythm = rhythms_[watch.id];
    if (ports_.clock.now() < rhythm.next) continue;
    ++step.looked;
    if (const auto done = look(watch, rhythm, step); !done && !breaks_off(done.error()))
      log::warn("watch {}: {}", watch.id, done.error().message);
    else if (!done && done.error().kind == ErrorKind::cancelled) return std::unexpected(done.error());
  }
  return step;
}

Result<void> Watcher::look(Watch watch, Rhythm& rhythm, Step& step) {
  const bool is_first = !watch.last_checked_at;
  watch.last_checked_at = ports_.clock.now();
  watch.last_error.reset();
  rhythm.next = *watch.last_checked_at + options_.interval;
  auto pattern = TitlePattern::compile(watch.title);
  if (!pattern) {  // it was stored by a program that understood more
    watch.last_error = pattern.error();
    return ports_.watches.replace(watch);
  }
  Look look(*this, watch, rhythm, *std::move(pattern));
  const auto feed = look.read_feed();
  if (!feed && feed.error().kind == ErrorKind::cancelled) return std::unexpected(feed.error());
  plan(rhythm, feed.has_value());
  if (feed) TRY(look.consider(*feed));
  else watch.last_error = feed.error();
  if (!feed || is_first) TRY(look.consider_live_page());
  step.jobs += look.jobs();
  step.troubled += watch.last_error ? 1 : 0;
  return ports_.watches.replace(watch);
}

void Watcher::plan(Rhythm& rhythm, bool readable) const {
  rhythm.failures = readable ? 0 : rhythm.failures + 1;
  const auto jitter = 0.9 + 0.2 * chance();
  auto delay = std::chrono::duration_cast<milliseconds>(options_.interval * jitter);
  if (!readable) delay += options_.trouble.delay(rhythm.failures, chance());
  rhythm.next = ports_.clock.now() + delay;
}

}  // namespace aircheck::dispatch
