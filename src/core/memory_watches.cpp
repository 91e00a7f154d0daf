#include <algorithm>
#include <tuple>

#include "core/memory.hpp"

namespace aircheck {
namespace {

std::unexpected<Error> no_watch(std::string_view id) {
  return fail(ErrorKind::not_found, "there is no watch " + std::string(id));
}

Result<bool> has_job(JobStore& jobs, const std::string& video_id) {
  JobQuery query{.search = video_id, .limit = 200};
  do {
    const auto page = TRY(jobs.list(query));
    if (std::ranges::find(page.jobs, video_id, &Job::video_id) != page.jobs.end()) return true;
    query.cursor = page.next;
  } while (!query.cursor.empty());
  return false;
}

}  // namespace

Result<Watch> MemoryWatches::create(Watch watch) {
  const std::lock_guard lock(mutex_);
  for (const auto& [id, row] : rows_)
    if (id == watch.id || (row.watch.channel == watch.channel && row.watch.title == watch.title))
      return fail(ErrorKind::conflict, "the channel is watched already");
  rows_[watch.id].watch = watch;
  return watch;
}

Result<std::vector<Watch>> MemoryWatches::list() {
  const std::lock_guard lock(mutex_);
  std::vector<Watch> out;
  out.reserve(rows_.size());
  for (const auto& [id, row] : rows_) out.push_back(row.watch);
  std::ranges::sort(out, {}, [](const Watch& watch) { return std::tie(watch.created_at, watch.id); });
  return out;
}

Result<void> MemoryWatches::replace(const Watch& watch) {
  const std::lock_guard lock(mutex_);
  const auto row = rows_.find(watch.id);
  if (row == rows_.end()) return no_watch(watch.id);
  row->second.watch = watch;
  return {};
}

Result<bool> MemoryWatches::claim(const Watch& watch, const std::optional<Instant>& expected) {
  const std::lock_guard lock(mutex_);
  const auto row = rows_.find(watch.id);
  if (row == rows_.end()) return no_watch(watch.id);
  if (row->second.watch.next_check_at != expected) return false;
  row->second.watch = watch;
  return true;
}

Result<void> MemoryWatches::remove(std::string_view id) {
  const std::lock_guard lock(mutex_);
  const auto row = rows_.find(id);
  if (row == rows_.end()) return no_watch(id);
  rows_.erase(row);
  return {};
}

Result<std::vector<std::string>> MemoryWatches::unjudged(std::string_view id, std::vector<std::string> video_ids) {
  const std::lock_guard lock(mutex_);
  if (const auto row = rows_.find(id); row != rows_.end())
    std::erase_if(video_ids, [&](const auto& video_id) { return row->second.judged.contains(video_id); });
  return video_ids;
}

Result<void> MemoryWatches::dismiss(std::string_view id, std::string_view video_id) {
  const std::lock_guard lock(mutex_);
  const auto row = rows_.find(id);
  if (row == rows_.end()) return no_watch(id);
  row->second.judged.emplace(video_id);
  return {};
}

Result<std::optional<Job>> MemoryWatches::admit(std::string_view id, Job job) {
  const std::lock_guard lock(mutex_);
  const auto row = rows_.find(id);
  if (row == rows_.end()) return no_watch(id);
  auto& judged = row->second.judged;
  const auto video_id = job.video_id;
  if (judged.contains(video_id)) return std::optional<Job>{};
  std::optional<Job> made;
  if (!TRY(has_job(jobs_, video_id))) made = TRY(jobs_.create(std::move(job)));
  judged.insert(video_id);
  return made;
}

}  // namespace aircheck
