#include "sqlite/watches.hpp"

#include <fmt/core.h>

#include "base/log.hpp"
#include "core/job_query.hpp"
#include "core/watch_json.hpp"
#include "sqlite/job_rows.hpp"

namespace aircheck::sqlite {
namespace {

std::unexpected<Error> no_watch(std::string_view id) {
  return fail(ErrorKind::not_found, fmt::format("there is no watch {}", id));
}

}  // namespace

Result<std::unique_ptr<SqliteWatches>> SqliteWatches::open(const std::string& file, const Clock& clock,
                                                           DatabaseOptions options) {
  auto database = TRY(Database::open(file, options));
  return std::unique_ptr<SqliteWatches>(new SqliteWatches(std::move(database), clock));
}

Result<Watch> SqliteWatches::create(Watch watch) {
  const std::lock_guard lock(mutex_);
  auto statement = TRY(database_->prepare(
      "INSERT INTO watches (id, channel, title, created_at, body) VALUES (?,?,?,?,?) ON CONFLICT DO NOTHING"));
  const auto body = to_json_text(watch);
  TRY(statement.bind(watch.id, watch.channel, watch.title, watch.created_at, body).run());
  if (database_->changes() == 0) return fail(ErrorKind::conflict, "the channel is watched already");
  return watch;
}

Result<std::vector<Watch>> SqliteWatches::list() {
  const std::lock_guard lock(mutex_);
  auto statement = TRY(database_->prepare("SELECT body FROM watches ORDER BY created_at, id"));
  std::vector<Watch> watches;
  while (TRY(statement.step())) {
    // One unreadable row must not hide all others.
    auto watch = watch_from_json_text(statement.text(0));
    if (watch) watches.push_back(*std::move(watch));
    else log::error("a watch of the database is left out: {}", watch.error().message);
  }
  return watches;
}

Result<void> SqliteWatches::replace(const Watch& watch) {
  const std::lock_guard lock(mutex_);
  return update(watch);
}

Result<bool> SqliteWatches::claim(const Watch& watch, const std::optional<Instant>& expected) {
  const std::lock_guard lock(mutex_);
  return database_->transaction([&]() -> Result<bool> {
    {
      auto statement = TRY(database_->prepare("SELECT body FROM watches WHERE id = ?"));
      if (!TRY(statement.bind(watch.id).step())) return no_watch(watch.id);
      if (TRY(watch_from_json_text(statement.text(0))).next_check_at != expected) return false;
    }
    TRY(update(watch));
    return true;
  });
}

Result<void> SqliteWatches::update(const Watch& watch) {
  auto statement = TRY(database_->prepare("UPDATE watches SET body = ? WHERE id = ?"));
  const auto body = to_json_text(watch);
  TRY(statement.bind(body, watch.id).run());
  if (database_->changes() == 0) return no_watch(watch.id);
  return {};
}

Result<void> SqliteWatches::remove(std::string_view id) {
  const std::lock_guard lock(mutex_);
  auto statement = TRY(database_->prepare("DELETE FROM watches WHERE id = ?"));
  TRY(statement.bind(id).run());
  if (database_->changes() == 0) return no_watch(id);
  return {};
}

Result<void> SqliteWatches::expect(std::string_view id) {
  auto statement = TRY(database_->prepare("SELECT 1 FROM watches WHERE id = ?"));
  if (!TRY(statement.bind(id).step())) return no_watch(id);
  return {};
}

Result<std::vector<std::string>> SqliteWatches::unjudged(std::string_view id, std::vector<std::string> video_ids) {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> out;
  for (auto& video_id : video_ids)
    if (!TRY(is_judged(id, video_id))) out.push_back(std::move(video_id));
  return out;
}

Result<bool> SqliteWatches::is_judged(std::string_view id, std::string_view video_id) {
  auto statement = TRY(database_->prepare("SELECT 1 FROM judged_videos WHERE watch_id = ? AND video_id = ?"));
  return statement.bind(id, video_id).step();
}

// False when it was before.
Result<bool> SqliteWatches::judge(std::string_view id, std::string_view video_id) {
  auto statement =
      TRY(database_->prepare("INSERT INTO judged_videos (watch_id, video_id) VALUES (?, ?) ON CONFLICT DO NOTHING"));
  TRY(statement.bind(id, video_id).run());
  return database_->changes() != 0;
}

Result<void> SqliteWatches::dismiss(std::string_view id, std::string_view video_id) {
  const std::lock_guard lock(mutex_);
  return database_->transaction([&]() -> Result<void> {
    TRY(expect(id));
    TRY(judge(id, video_id));
    return {};
  });
}

// The column `search` has what is looked through for all jobs, the body is opened for the few that it names only.
Result<bool> SqliteWatches::has_job(std::string_view video_id) {
  auto statement = TRY(database_->prepare(
      "SELECT 1 FROM jobs WHERE instr(search, ?) > 0 AND json_extract(body, '$.video_id') = ? LIMIT 1"));
  const auto needle = search_needle(video_id);
  return statement.bind(needle, video_id).step();
}

Result<std::optional<Job>> SqliteWatches::admit(std::string_view id, Job job) {
  const std::lock_guard lock(mutex_);
  return database_->transaction([&]() -> Result<std::optional<Job>> {
    TRY(expect(id));
    if (!TRY(judge(id, job.video_id))) return std::optional<Job>{};
    if (TRY(has_job(job.video_id))) return std::optional<Job>{};
    return TRY(insert_job(*database_, std::move(job), clock_.now()));
  });
}

}  // namespace aircheck::sqlite
