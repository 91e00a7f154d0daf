#include "sqlite/jobs.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/log.hpp"
#include "core/job_json.hpp"
#include "core/job_query.hpp"
#include "core/transitions.hpp"
#include "sqlite/job_rows.hpp"

namespace aircheck::sqlite {
namespace {

constexpr std::size_t kMaxChanges = 500;
constexpr std::uint64_t kRemovalsKept = 10'000;  // changes; a client that slept longer reads the list anew

std::unexpected<Error> no_job(std::string_view id) {
  return fail(ErrorKind::not_found, fmt::format("there is no job {}", id));
}

// "('PENDING','STARTED')": the names are ours, so they may stand in the statement and each list is a statement of its own.
template <class Statuses>
std::string in_list(const Statuses& statuses) {
  std::vector<std::string> names;
  names.reserve(std::size(statuses));
  for (const auto status : statuses) names.push_back(fmt::format("'{}'", to_string(status)));
  return fmt::format("({})", fmt::join(names, ","));
}

// One unreadable row must not hide all others: it is named in the log and left out.
void add_readable(std::vector<Job>& jobs, std::string_view body) {
  auto job = job_from_json_text(body);
  if (job) jobs.push_back(*std::move(job));
  else log::error("a row of the database is left out: {}: {}", job.error().message, body.substr(0, 60));
}

Result<std::vector<Job>> read_all(Statement& statement) {
  std::vector<Job> jobs;
  while (TRY(statement.step())) add_readable(jobs, statement.text(0));
  return jobs;
}

std::string list_sql(const JobQuery& query) {
  std::string sql = "SELECT body FROM jobs WHERE (created_at, id) < (?, ?)";
  auto statuses = query.statuses;
  std::ranges::sort(statuses);
  statuses.erase(std::unique(statuses.begin(), statuses.end()), statuses.end());
  if (!statuses.empty()) sql += " AND status IN " + in_list(statuses);
  if (!query.search.empty()) sql += " AND instr(search, ?) > 0";
  return sql + " ORDER BY created_at DESC, id DESC LIMIT ?";
}

}  // namespace

Result<std::uint64_t> next_change(Database& database) {
  auto statement = TRY(database.prepare("UPDATE counters SET value = value + 1 WHERE name = 'change' RETURNING value"));
  TRY(statement.step());
  const auto change = static_cast<std::uint64_t>(statement.integer(0));
  TRY(statement.run());
  return change;
}

Result<Job> insert_job(Database& database, Job job, Instant now) {
  job.version = 1;
  auto statement =
      TRY(database.prepare("INSERT INTO jobs (id, version, status, created_at, written_at, lease_expires_at, "
                           "not_before, change, search, body) VALUES (?,?,?,?,?,?,?,?,?,?) "
                           "ON CONFLICT (id) DO NOTHING"));
  const auto search = search_text(job), body = to_json_text(job);
  statement.bind(job.id, job.version, to_string(job.status), place_of(job).created_ms, now, job.lease_expires_at,
                 job.not_before, TRY(next_change(database)), search, body);
  TRY(statement.run());
  if (database.changes() == 0) return fail(ErrorKind::conflict, fmt::format("there is a job {} already", job.id));
  return job;
}

Result<std::unique_ptr<SqliteJobs>> SqliteJobs::open(const std::string& file, const Clock& clock,
                                                     DatabaseOptions options) {
  auto database = TRY(Database::open(file, options));  // first: a return out of the new expression would leak
  return std::unique_ptr<SqliteJobs>(new SqliteJobs(std::move(database), clock));
}

Result<Job> SqliteJobs::create(Job job) {
  const std::lock_guard lock(mutex_);
  return database_->transaction([&]() -> Result<Job> { return insert_job(*database_, std::move(job), clock_.now()); });
}

Result<Job> SqliteJobs::get(std::string_view id) {
  const std::lock_guard lock(mutex_);
  auto statement = TRY(database_->prepare("SELECT body FROM jobs WHERE id = ?"));
  statement.bind(id);
  if (!TRY(statement.step())) return no_job(id);
  return job_from_json_text(statement.text(0));
}

Result<JobPage> SqliteJobs::list(const JobQuery& query) {
  TRY(aircheck::check(query));
  // Behind the cursor; without one behind the end of time.
  const auto after =
      query.cursor.empty() ? JobPlace{.created_ms = INT64_MAX, .id = "~"} : TRY(from_cursor(query.cursor));
  const auto needle = search_needle(query.search);
  const std::lock_guard lock(mutex_);
  auto statement = TRY(database_->prepare(list_sql(query)));
  statement.bind(after.created_ms, after.id);
  if (!needle.empty()) statement.bind(needle);
  statement.bind(static_cast<std::int64_t>(query.limit + 1));  // one more tells whether there is a next page
  JobPage page;
  page.jobs = TRY(read_all(statement));
  if (page.jobs.size() > query.limit) {
    page.jobs.resize(query.limit);
    page.next = to_cursor(place_of(page.jobs.back()));
  }
  return page;
}

Result<Job> SqliteJobs::write(Job job) {
  const auto expected = job.version++;
  // The statement itself holds the state machine: whoever opens the file with this store cannot get round it.
  auto statement = TRY(database_->prepare(fmt::format(
      "UPDATE jobs SET version = ?, status = ?, created_at = ?, written_at = ?, lease_expires_at = ?, not_before = ?, "
      "change = ?, search = ?, body = ? WHERE id = ? AND version = ? AND status IN {}",
      in_list(predecessors(job.status)))));
  const auto search = search_text(job), body = to_json_text(job);
  statement.bind(job.version, to_string(job.status), place_of(job).created_ms, clock_.now(), job.lease_expires_at,
                 job.not_before, TRY(next_change(*database_)), search, body, job.id, expected);
  TRY(statement.run());
  if (database_->changes() == 1) return job;
  --job.version;
  return std::unexpected(TRY(why_refused(job)));
}

Result<Error> SqliteJobs::why_refused(const Job& job) {
  auto statement = TRY(database_->prepare("SELECT version, status FROM jobs WHERE id = ?"));
  statement.bind(job.id);
  if (!TRY(statement.step())) return no_job(job.id).error();
  if (static_cast<std::uint64_t>(statement.integer(0)) != job.version)
    return Error{ErrorKind::conflict, "the job was changed by somebody else meanwhile"};
  return Error{ErrorKind::conflict,
               fmt::format("a job that is {} cannot become {}", statement.text(1), to_string(job.status))};
}

Result<Job> SqliteJobs::replace(Job job) {
  const std::lock_guard lock(mutex_);
  return database_->transaction([&] { return write(std::move(job)); });
}

Result<void> SqliteJobs::remove(std::string_view id, std::uint64_t version) {
  const std::lock_guard lock(mutex_);
  return database_->transaction([&]() -> Result<void> {
    auto removal = TRY(database_->prepare("DELETE FROM jobs WHERE id = ? AND version = ?"));
    TRY(removal.bind(id, version).run());
    if (database_->changes() == 0) return std::unexpected(TRY(why_refused(Job{.id = std::string(id), .version = 0})));
    const auto change = TRY(next_change(*database_));
    auto note = TRY(database_->prepare("INSERT INTO removed_jobs (change, id) VALUES (?, ?)"));
    TRY(note.bind(change, id).run());
    auto prune = TRY(database_->prepare("DELETE FROM removed_jobs WHERE change < ?"));
    return prune.bind(change - std::min(change, kRemovalsKept)).run();
  });
}

Result<std::vector<Job>> SqliteJobs::due(Instant now, milliseconds pending_age, std::size_t limit) {
  const std::lock_guard lock(mutex_);
  // Lost recorders first: jobs that merely wait for their turn must not hide them.
  auto statement = TRY(database_->prepare(R"sql(
SELECT body FROM (
  SELECT 0 AS rank, written_at, body FROM jobs
    WHERE status IN ('STARTED','RECORDING','UPLOADING') AND coalesce(lease_expires_at, 0) <= ?1
  UNION ALL
  SELECT 0, written_at, body FROM jobs WHERE status = 'WAITING' AND coalesce(not_before, 0) <= ?1
  UNION ALL
  SELECT 1, written_at, body FROM jobs WHERE status = 'PENDING' AND written_at < ?2
) ORDER BY rank, written_at LIMIT ?3)sql"));
  statement.bind(now, now - pending_age, static_cast<std::int64_t>(limit));
  return read_all(statement);
}

Result<std::vector<Job>> SqliteJobs::held(Instant now) {
  const std::lock_guard lock(mutex_);
  auto statement = TRY(database_->prepare(
      "SELECT body FROM jobs WHERE status IN ('STARTED','RECORDING','UPLOADING') AND lease_expires_at > ?1"));
  statement.bind(now);
  return read_all(statement);
}

Result<std::vector<Job>> SqliteJobs::changed_after(std::uint64_t cursor, std::uint64_t& last) {
  auto statement = TRY(database_->prepare("SELECT body, change FROM jobs WHERE change > ? ORDER BY change LIMIT ?"));
  statement.bind(cursor, static_cast<std::int64_t>(kMaxChanges));
  std::vector<Job> jobs;
  std::size_t rows = 0;
  while (TRY(statement.step())) {
    add_readable(jobs, statement.text(0));
    if (++rows == kMaxChanges) last = static_cast<std::uint64_t>(statement.integer(1));
  }
  return jobs;
}

Result<ChangeFeed::Changes> SqliteJobs::since(std::uint64_t cursor) {
  const std::lock_guard lock(mutex_);
  // The counter is read first: what is written between the reads is told again the next time, never left out.
  Changes changes;
  {
    auto counter = TRY(database_->prepare("SELECT value FROM counters WHERE name = 'change'"));
    TRY(counter.step());
    changes.cursor = static_cast<std::uint64_t>(counter.integer(0));
  }
  if (cursor == 0 || cursor >= changes.cursor) return changes;
  changes.changed = TRY(changed_after(cursor, changes.cursor));
  auto statement =
      TRY(database_->prepare("SELECT id FROM removed_jobs WHERE change > ? AND change <= ? ORDER BY change"));
  statement.bind(cursor, changes.cursor);
  while (TRY(statement.step())) changes.removed.emplace_back(statement.text(0));
  return changes;
}

Result<void> SqliteJobs::check() {
  const std::lock_guard lock(mutex_);
  return database_->check();
}

}  // namespace aircheck::sqlite
