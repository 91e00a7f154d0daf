#include "dispatch/dispatcher.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "base/log.hpp"
#include "base/uuid.hpp"
#include "core/transitions.hpp"
#include "dispatch/unheld.hpp"

namespace aircheck::dispatch {
namespace {

constexpr std::size_t kPage = 200;

Error given_up(const Job& job) {
  auto message = fmt::format("{} recorders in a row brought nothing, so it was given up", job.fruitless_attempts);
  if (job.error) message += fmt::format("; the last: {}", job.error->message);
  return {job.error ? job.error->kind : ErrorKind::unavailable, std::move(message)};
}

}  // namespace

Dispatcher::Dispatcher(Ports ports, DispatcherOptions options)
    : ports_(ports), options_(std::move(options)), worker_([this] { return run_step(); }, options_.poll) {}

bool Dispatcher::run_step() {
  const auto done = step();
  if (!done) log::error("dispatcher: {}", done.error().message);
  // A full batch was probably not all; one that could not be handled must not be asked for again at once.
  return done && done->received == options_.batch && done->put_back < done->received;
}

Result<Dispatcher::Step> Dispatcher::step() {
  const auto limit = std::min(options_.batch, TRY(room()));
  Step step;
  if (limit == 0) return step;
  const auto deliveries = TRY(ports_.queue.receive(limit, options_.visibility));
  step.received = deliveries.size();
  for (const auto& delivery : deliveries) {
    switch (handle(delivery)) {
      case Done::started: ++step.started; break;
      case Done::dropped: ++step.dropped; break;
      case Done::ended: ++step.ended; break;
      case Done::put_back: ++step.put_back; break;
    }
  }
  return step;
}

// How many more recorders may run. What is not received stays visible in the queue and costs nothing.
Result<std::size_t> Dispatcher::room() {
  if (!options_.max_concurrent) return options_.batch;
  const auto most = *options_.max_concurrent;
  if (options_.running) return most - std::min(options_.running(), most);
  JobQuery query{.statuses = {JobStatus::started, JobStatus::recording, JobStatus::uploading}, .limit = kPage};
  std::size_t active = 0;
  do {
    const auto page = TRY(ports_.jobs.list(query));
    // A job whose recorder was lost takes no room: it is one of those that wait for it.
    const auto now = ports_.clock.now();
    active +=
        static_cast<std::size_t>(std::ranges::count_if(page.jobs, [now](const Job& job) { return is_held(job, now); }));
    query.cursor = page.next;
  } while (!query.cursor.empty() && active < most);
  return most - std::min(active, most);
}

Dispatcher::Done Dispatcher::handle(const Delivery& delivery) {
  // What is no job's id was not sent by us: it goes back until it is a dead letter, where a person finds it.
  if (!is_uuid(delivery.job_id)) return put_back(delivery, {ErrorKind::corrupt, "a message that names no job"});
  const auto job = ports_.jobs.get(delivery.job_id);
  if (job) return handle_job(delivery, *job);
  return job.error().kind == ErrorKind::not_found ? drop(delivery) : put_back(delivery, job.error());
}

Dispatcher::Done Dispatcher::handle_job(const Delivery& delivery, const Job& job) {
  const auto now = ports_.clock.now();
  const bool waits = job.status == JobStatus::waiting;  // the reconciler sends a new message when its time has come
  if (is_terminal(job.status) || waits || is_held(job, now)) return drop(delivery);
  const auto ended = end_if_wished(ports_.jobs, ports_.recordings, job, now);
  if (!ended) return put_back(delivery, ended.error());
  if (*ended) {
    drop(delivery);
    return Done::ended;
  }
  if (job.fruitless_attempts >= options_.max_fruitless_attempts) return end(delivery, job, given_up(job));
  // Asked for new jobs only: a stream that was being recorded may be private by now and still be served.
  const bool is_new = job.status == JobStatus::pending && job.attempt == 0;
  if (is_new && ports_.check && ports_.check->check(job) == Existence::does_not_exist)
    return end(delivery, job, {ErrorKind::not_found, "there is no such video; check the URL"});
  return start(delivery, job);
}

Dispatcher::Done Dispatcher::start(const Delivery& delivery, const Job& job) {
  const auto now = ports_.clock.now();
  const auto owner = make_uuid7(now);
  const auto claimed = update(ports_.jobs, job.id, [&](Job stored) {
    return claim(std::move(stored), {.owner = owner, .now = now, .lease = options_.lease});
  });
  if (!claimed) return somebody_was_faster(claimed.error()) ? drop(delivery) : put_back(delivery, claimed.error());
  if (const auto started = ports_.launcher.start(*claimed); !started) return undo(delivery, *claimed, started.error());
  log::info("job {}: recorder started, attempt {}", job.id, claimed->attempt);
  drop(delivery);
  return Done::started;
}

// The claim is taken back so that the next delivery finds the job free. Where that fails too, the lease runs out.
Dispatcher::Done Dispatcher::undo(const Delivery& delivery, const Job& claimed, const Error& error) {
  const auto released = update(ports_.jobs, claimed.id, [&](Job stored) -> Result<Job> {
    auto free = TRY(release(std::move(stored), claimed.lease_owner, ports_.clock.now()));
    free.error = error;
    return free;
  });
  if (!released) log::error("job {}: its claim could not be taken back: {}", claimed.id, released.error().message);
  return put_back(delivery, error);
}

Dispatcher::Done Dispatcher::end(const Delivery& delivery, const Job& job, Error error) {
  const auto failed = update(ports_.jobs, job.id,
                             [&](Job stored) { return fail_job(std::move(stored), {}, ports_.clock.now(), error); });
  if (!failed) return somebody_was_faster(failed.error()) ? drop(delivery) : put_back(delivery, failed.error());
  log::warn("job {} failed: {}", job.id, error.message);
  drop(delivery);
  return Done::ended;
}

Dispatcher::Done Dispatcher::drop(const Delivery& delivery) {
  // One that is not acknowledged comes again and is dropped then.
  if (const auto done = ports_.queue.acknowledge(delivery.receipt); !done)
    log::warn("job {}: its message could not be acknowledged: {}", delivery.job_id, done.error().message);
  return Done::dropped;
}

Dispatcher::Done Dispatcher::put_back(const Delivery& delivery, const Error& error) {
  const auto delay = options_.put_back.delay(delivery.receive_count, 1.0);
  log::warn("job {}: tried again in {} s: {}", delivery.job_id, delay.count() / 1000, error.message);
  if (const auto done = ports_.queue.put_back(delivery.receipt, delay); !done)
    log::warn("job {}: its message could not be put back: {}", delivery.job_id, done.error().message);
  return Done::put_back;
}

}  // namespace aircheck::dispatch
