#include <algorithm>

#include "core/job_query.hpp"
#include "core/memory.hpp"
#include "core/transitions.hpp"

namespace aircheck {
namespace {

constexpr std::size_t kMaxChanges = 500;

std::unexpected<Error> no_job(std::string_view id) {
  return fail(ErrorKind::not_found, "there is no job " + std::string(id));
}

std::unexpected<Error> changed_meanwhile() {
  return fail(ErrorKind::conflict, "the job was changed by somebody else meanwhile");
}

}  // namespace

Instant ManualClock::now() const {
  const std::lock_guard lock(mutex_);
  return now_;
}

void ManualClock::advance(milliseconds by) {
  const std::lock_guard lock(mutex_);
  now_ += by;
}

void ManualClock::set(Instant now) {
  const std::lock_guard lock(mutex_);
  now_ = now;
}

Job MemoryJobs::put(Job job) {
  auto& row = rows_[job.id];
  row = {.job = std::move(job), .change = ++change_, .written = clock_.now()};
  return row.job;
}

Result<Job> MemoryJobs::create(Job job) {
  const std::lock_guard lock(mutex_);
  if (rows_.contains(job.id)) return fail(ErrorKind::conflict, "there is a job " + job.id + " already");
  job.version = 1;
  return put(std::move(job));
}

Result<Job> MemoryJobs::get(std::string_view id) {
  const std::lock_guard lock(mutex_);
  const auto row = rows_.find(id);
  if (row == rows_.end()) return no_job(id);
  return row->second.job;
}

Result<JobPage> MemoryJobs::list(const JobQuery& query) {
  TRY(check(query));
  const auto after = query.cursor.empty() ? std::optional<JobPlace>{} : TRY(from_cursor(query.cursor));
  const auto needle = search_needle(query.search);
  const auto fits = [&](const Job& job) {
    return (query.statuses.empty() || std::ranges::find(query.statuses, job.status) != query.statuses.end()) &&
           (!after || place_of(job) < *after) && search_text(job).contains(needle);
  };
  const std::lock_guard lock(mutex_);
  JobPage page;
  for (const auto& [id, row] : rows_)
    if (fits(row.job)) page.jobs.push_back(row.job);
  std::ranges::sort(page.jobs, std::greater{}, place_of);
  if (page.jobs.size() > query.limit) {
    page.jobs.resize(query.limit);
    page.next = to_cursor(place_of(page.jobs.back()));
  }
  return page;
}

Result<Job> MemoryJobs::replace(Job job) {
  const std::lock_guard lock(mutex_);
  const auto row = rows_.find(job.id);
  if (row == rows_.end()) return no_job(job.id);
  const auto& stored = row->second.job;
  if (stored.version != job.version) return changed_meanwhile();
  if (!is_legal(stored.status, job.status))
    return fail(ErrorKind::conflict, "a job that is " + std::string(to_string(stored.status)) + " cannot become " +
                                         std::string(to_string(job.status)));
  ++job.version;
  return put(std::move(job));
}

Result<void> MemoryJobs::remove(std::string_view id, std::uint64_t version) {
  const std::lock_guard lock(mutex_);
  const auto row = rows_.find(id);
  if (row == rows_.end()) return no_job(id);
  if (row->second.job.version != version) return changed_meanwhile();
  removed_[++change_] = id;
  rows_.erase(row);
  return {};
}

Result<std::vector<Job>> MemoryJobs::due(Instant now, milliseconds pending_age, std::size_t limit) {
  const auto is_due = [&](const Row& row) {
    const auto& job = row.job;
    if (job.status == JobStatus::pending) return row.written + pending_age < now;
    if (job.status == JobStatus::waiting) return !job.not_before || *job.not_before <= now;
    return is_active(job.status) && !is_held(job, now);
  };
  const std::lock_guard lock(mutex_);
  std::vector<Job> pending, others;
  for (const auto& [id, row] : rows_)
    if (is_due(row)) (row.job.status == JobStatus::pending ? pending : others).push_back(row.job);
  others.insert(others.end(), pending.begin(), pending.end());
  if (others.size() > limit) others.resize(limit);
  return others;
}

Result<std::vector<Job>> MemoryJobs::held(Instant now) {
  const std::lock_guard lock(mutex_);
  std::vector<Job> jobs;
  for (const auto& [id, row] : rows_)
    if (is_held(row.job, now)) jobs.push_back(row.job);
  return jobs;
}

Result<ChangeFeed::Changes> MemoryJobs::since(std::uint64_t cursor) {
  const std::lock_guard lock(mutex_);
  Changes changes{.cursor = change_, .changed = {}, .removed = {}};
  if (cursor == 0) return changes;
  std::map<std::uint64_t, const Job*> in_order;
  for (const auto& [id, row] : rows_)
    if (row.change > cursor) in_order[row.change] = &row.job;
  for (const auto& [change, job] : in_order) {
    if (changes.changed.size() == kMaxChanges) break;
    changes.changed.push_back(*job);
    if (changes.changed.size() == kMaxChanges) changes.cursor = change;
  }
  for (auto it = removed_.upper_bound(cursor); it != removed_.end() && it->first <= changes.cursor; ++it)
    changes.removed.push_back(it->second);
  return changes;
}

}  // namespace aircheck
