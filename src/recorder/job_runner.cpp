#include "recorder/job_runner.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "base/log.hpp"
#include "core/cost.hpp"
#include "core/names.hpp"
#include "recorder/repair.hpp"

namespace aircheck::recorder {
namespace {

constexpr milliseconds kRunnerTick{500};
constexpr milliseconds kSettleEvery{1'000};
constexpr int kMostSettleTries = 120;
constexpr milliseconds kOpenEvery{250};
constexpr int kMostOpenTries = 40;
constexpr milliseconds kBeatAgain{5'000};   // after one that failed
constexpr milliseconds kLookAgain{60'000};  // at a scheduled stream without a time, or whose time has passed

// What the job asks for is as long before its submission, however late its recorder comes.
capture::Begin begin_of(const Job& job, capture::Begin begin, Instant now) {
  begin.at_start |= job.from_start;
  if (job.from_ms <= 0) return begin;
  const auto waited = std::max(milliseconds{0}, now - job.created_at.value_or(now));
  begin.ago = std::max<nanoseconds>(begin.ago, milliseconds{job.from_ms} + waited);
  return begin;
}

bool ends_in_playlist(std::string_view url) { return url.substr(0, url.find('?')).ends_with(".m3u8"); }

}  // namespace

JobRunner::JobRunner(net::Loop& loop, JobStore& jobs, RecordingStore& recordings, const Clock& clock,
                     JobRunnerOptions options)
    : loop_(loop), jobs_(jobs), recordings_(recordings), clock_(clock), options_(std::move(options)), errand_(loop) {}

JobRunner::~JobRunner() { loop_.cancel(timer_); }

int JobRunner::run() {
  if (!begin()) return status_;
  loop_.run();
  const bool kept = outcome_ && outcome_->kind == Outcome::Kind::completed && status_ == 0;
  if (kept && !lost_ && !cancelling_ && options_.refill) refill();
  return status_;
}

bool JobRunner::begin() {
  status_ = 1;
  auto job = jobs_.get(options_.job_id);
  if (!job) {
    log::error("job {}: {}", options_.job_id, job.error().message);
    return false;
  }
  if (job->lease_owner != options_.owner || !is_active(job->status)) {
    log::warn("job {} belongs to somebody else", options_.job_id);
    status_ = 0;
    return false;
  }
  return begin_with(*job);
}

bool JobRunner::begin_with(const Job& job) {
  status_ = 0;
  cost_before_ = job.cost.value_or(Cost{});
  key_ = job.recordings.empty()
             ? recording_key(job.created_at.value_or(clock_.now()), recording_label(job.video_id, job.url), job.id)
             : job.recordings.front().key;
  auto writer = open_recording();
  if (!writer) {
    const auto& error = writer.error();
    log::error("cannot open {}: {}", key_, error.message);
    if (error.kind == ErrorKind::cancelled) finished({.kind = Outcome::Kind::left});
    // Another recorder, with fresh credentials, may open it. What never can be is given up after a number of recorders.
    else finished({.kind = may_pass(error.kind) ? Outcome::Kind::left : Outcome::Kind::failed, .error = error});
    return true;
  }
  writer_ = std::move(*writer);
  if (leaving_) {
    finished({.kind = Outcome::Kind::left});
    return true;
  }
  // Asked after opening, which has cleared away what a recorder left that was killed before its first commit.
  if (writer_->journal().empty() && recordings_.size(key_).has_value()) {
    finished(
        {.kind = Outcome::Kind::failed,
         .error = {ErrorKind::conflict, fmt::format("{} exists already and has no journal; it is left alone", key_)}});
    return true;
  }
  SessionOptions session{.stream = stream_of(job), .key = key_};
  if (!options_.chat_folder.empty()) session.chat_file = options_.chat_folder + "/" + live_chat_key(key_);
  session.chat_store = options_.chat_store;
  session.stream.begin = begin_of(job, session.stream.begin, clock_.now());
  session_ = std::make_unique<Session>(loop_, *writer_, std::move(session),
                                       [this](Outcome outcome) { finished(std::move(outcome)); });
  session_->start();
  obey(job);
  tick();
  return true;
}

// A recorder that was superseded may still be leaving: its lock goes with it.
Result<std::unique_ptr<RecordingWriter>> JobRunner::open_recording() {
  for (int i = 0;; ++i) {
    auto writer = recordings_.open(key_);
    const bool busy = !writer && writer.error().kind == ErrorKind::conflict;
    if (!busy || i >= kMostOpenTries) return writer;
    loop_.run_once(kOpenEvery);
  }
}

void JobRunner::tick() {
  timer_ = loop_.after(kRunnerTick, [this] { tick(); });
  if (outcome_) return;
  const bool news = !milestone_ && session_->progress().recording && net::Loop::now() >= quiet_until_;
  if (news || net::Loop::now() >= next_beat_) beat();
}

// ---- heartbeats -----------------------------------------------------------------------------------------------------

void JobRunner::beat() {
  if (outcome_ || !session_) return;
  if (errand_.busy()) {
    beat_again_ = true;
    return;
  }
  next_beat_ = net::Loop::now() + options_.heartbeat;
  beat_again_ = false;
  const auto progress = session_->progress();
  errand_.run([this, progress] { report_ = report(progress); }, [this, progress] { reported(progress); });
}

void JobRunner::reported(const Progress& progress) {
  if (outcome_) return;
  const auto job = *std::exchange(report_, std::nullopt);
  if (!job && (job.error().kind == ErrorKind::conflict || job.error().kind == ErrorKind::not_found)) {
    log::warn("the job is not ours any more: {}; what was recorded stays in {} and its journal", job.error().message,
              key_);
    lost_ = true;
    return session_->leave();
  }
  if (!job) {
    // A store that cannot be reached must not stop a recording: what is captured is safe, and the lease may be renewed
    // later.
    log::error("heartbeat: {}", job.error().message);
    quiet_until_ = net::Loop::now() + kBeatAgain;
    next_beat_ = std::min(next_beat_, quiet_until_);
    return;
  }
  if (progress.recording) milestone_ = true;
  if (options_.on_heartbeat) options_.on_heartbeat(*job);
  obey(*job);
  if (beat_again_) beat();
}

void JobRunner::describe(Job& job, const Progress& progress) const {
  if (!progress.info.title.empty()) job.title = progress.info.title;
  if (!progress.info.channel.empty()) job.channel = progress.info.channel;
  if (!progress.info.thumbnail_url.empty()) job.thumbnail_url = progress.info.thumbnail_url;
  if (job.video_id.empty()) job.video_id = progress.info.video_id;
  if (!progress.quality.empty()) job.quality_got = progress.quality;
  if (options_.cost) job.cost = with(cost_before_, options_.cost(progress.bytes));
}

Result<Job> JobRunner::report(const Progress& progress) {
  const auto to_ms = [](nanoseconds time) { return std::chrono::round<milliseconds>(time).count(); };
  return update(jobs_, options_.job_id, [&](Job stored) -> Result<Job> {
    describe(stored, progress);
    auto next = TRY(heartbeat(std::move(stored), {.owner = options_.owner,
                                                  .now = clock_.now(),
                                                  .lease = options_.lease,
                                                  .bytes = progress.bytes,
                                                  .media_ms = to_ms(progress.media_time),
                                                  .lag_ms = to_ms(progress.lag),
                                                  .gaps = progress.gaps,
                                                  .recordings = progress.files,
                                                  .trouble = progress.trouble}));
    if (!progress.recording) return next;
    return begin_recording(std::move(next), options_.owner, clock_.now());
  });
}

void JobRunner::obey(const Job& job) {
  if (outcome_) return;
  if (job.stop_requested == StopRequest::stop) session_->stop_and_keep();
  if (job.stop_requested == StopRequest::cancel) {
    cancelling_ = true;
    session_->leave();
  }
}

void JobRunner::leave() {
  leaving_ = true;
  if (session_) session_->leave();
}

// ---- the end --------------------------------------------------------------------------------------------------------

void JobRunner::finished(Outcome outcome) {
  outcome_ = std::move(outcome);
  if (session_) last_ = session_->progress();
  loop_.after(milliseconds{0}, [this] { settle(); });
}

// Writes the outcome to the store, again and again while the store cannot be reached: only then the journal goes.
void JobRunner::settle() {
  if (lost_) {
    let_go();
    return stop_running(0);
  }
  const auto done = settle_once();
  if (done) return stop_running(outcome_->kind == Outcome::Kind::failed ? 1 : 0);
  log::error("cannot note the job's end: {}", done.error().message);
  const auto kind = done.error().kind;
  const bool hopeless = kind == ErrorKind::conflict || kind == ErrorKind::not_found || kind == ErrorKind::cancelled;
  if (hopeless || outcome_->kind == Outcome::Kind::left || ++settle_tries_ >= kMostSettleTries) return stop_running(1);
  loop_.after(kSettleEvery, [this] { settle(); });
}

// What is committed becomes durable before the lease is given up: the next recorder must find all of it.
void JobRunner::let_go() {
  session_.reset();
  writer_.reset();
}

Result<void> JobRunner::settle_once() {
  if (noted_) return writer_->close();
  errand_.settle();
  if (cancelling_) TRY(discard());
  else if (outcome_->kind == Outcome::Kind::left || outcome_->kind == Outcome::Kind::failed) let_go();
  if (outcome_->kind == Outcome::Kind::completed && !cancelling_) {
    // A store lets a job pass its states one by one only.
    const auto now = clock_.now();
    TRY(update(jobs_, options_.job_id, [&](Job job) { return begin_recording(std::move(job), options_.owner, now); }));
    TRY(update(jobs_, options_.job_id, [&](Job job) { return begin_uploading(std::move(job), options_.owner, now); }));
  }
  const auto noted = TRY(update(jobs_, options_.job_id, [this](Job job) { return settled(std::move(job)); }));
  if (options_.on_end) options_.on_end(noted);
  if (outcome_->kind != Outcome::Kind::completed) return {};
  noted_ = true;
  return writer_->close();
}

Result<void> JobRunner::discard() {
  let_go();
  return recordings_.remove(key_);
}

Result<Job> JobRunner::settled(Job job) const {
  const auto now = clock_.now();
  const auto& owner = options_.owner;
  if (cancelling_) {
    job.recordings.clear();
    if (options_.cost) job.cost = with(cost_before_, options_.cost(0));
    return cancelled(std::move(job), owner, now);
  }
  if (last_) {
    describe(job, *last_);
    job.bytes = last_->bytes;
    job.media_ms = std::chrono::round<milliseconds>(last_->media_time).count();
    job.gaps = last_->gaps;
    job.recordings = last_->files;
  }
  switch (outcome_->kind) {
    case Outcome::Kind::completed:
      job.lag_ms = 0;
      job.error.reset();
      return complete(std::move(job), owner, now, outcome_->verdict);
    case Outcome::Kind::waiting: {
      const auto soonest = now + kLookAgain;
      return wait_until(std::move(job), owner, now, std::max(outcome_->not_before.value_or(soonest), soonest));
    }
    case Outcome::Kind::left:
      if (!outcome_->error.message.empty()) job.error = outcome_->error;
      return give_up_lease(std::move(job), owner, now);
    case Outcome::Kind::empty: return cancelled(std::move(job), owner, now);
    case Outcome::Kind::failed: break;
  }
  return fail_job(std::move(job), owner, now, outcome_->error);
}

capture::StreamOptions JobRunner::stream_of(const Job& job) const {
  auto stream = options_.stream;
  stream.url = job.url;
  stream.quality = job.quality;
  stream.direct = options_.allow_direct && ends_in_playlist(job.url);
  return stream;
}

// YouTube serves for hours after the end, and then often what it did not serve in time. The job has ended and its recording
// is in its place: whatever happens here, it is none the worse for it.
void JobRunner::refill() {
  let_go();
  const auto job = jobs_.get(options_.job_id);
  if (!job || !can_be_asked_for(job->gaps)) return;
  const auto ended = [this] {
    loop_.run_once(milliseconds{0});
    return leaving_;
  };
  const auto done = repair(loop_, recordings_, *job, {.stream = stream_of(*job), .on_progress = {}, .ended = ended});
  if (!done) return log::warn("what is missing cannot be asked for once more: {}", done.error().message);
  if (done->filled.empty()) return;
  const auto noted = update(jobs_, options_.job_id, [&](Job stored) -> Result<Job> {
    auto next =
        TRY(repaired(std::move(stored), {.before = job->gaps, .after = done->gaps, .recordings = done->recordings}));
    if (options_.cost) next.cost = with(cost_before_, options_.cost(next.bytes));
    return next;
  });
  if (!noted) log::error("cannot note what was filled: {}", noted.error().message);
}

void JobRunner::stop_running(int status) {
  status_ = status;
  loop_.stop();
}

}  // namespace aircheck::recorder
