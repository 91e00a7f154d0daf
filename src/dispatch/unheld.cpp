#include "dispatch/unheld.hpp"

#include "base/log.hpp"
#include "core/names.hpp"
#include "core/transitions.hpp"

namespace aircheck::dispatch {
namespace {

// The job has ended whether or not its files could be removed, so that is only told.
void discard(RecordingStore& recordings, const Job& job) {
  const auto key = job.recordings.empty() ? recording_key(job.created_at.value_or(Instant{}), job.video_id, job.id)
                                          : job.recordings.front().key;
  if (const auto removed = recordings.remove(key); !removed)
    log::warn("job {} is cancelled, but its recording is still there: {}", job.id, removed.error().message);
}

}  // namespace

Result<bool> end_if_wished(JobStore& jobs, RecordingStore* recordings, const Job& job, Instant now) {
  if (job.stop_requested == StopRequest::none) return false;
  const auto ended = update(jobs, job.id, [now](Job stored) { return heed_wish(std::move(stored), now); });
  if (!ended && (ended.error().kind == ErrorKind::conflict || ended.error().kind == ErrorKind::not_found)) return false;
  if (!ended) return std::unexpected(ended.error());
  if (recordings && ended->stop_requested == StopRequest::cancel) discard(*recordings, *ended);
  log::info("job {} was ended as asked, without a recorder", job.id);
  return true;
}

}  // namespace aircheck::dispatch
