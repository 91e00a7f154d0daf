#include "sqlite/jobs.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "core/job_json.hpp"
#include "core/transitions.hpp"

namespace aircheck::sqlite {
namespace {

constexpr std::size_t kMostChanges = 500;
constexpr std::int64_t kKeptRemovals = 10'000;

std::int64_t ms(Instant time) { return time.time_since_epoch().count(); }

void bind_time(Statement& statement, int index, const std::optional<Instant>& time) {
  if (time) statement.bind(index, ms(*time));
  else statement.bind_null(index);
}

// What a search looks through, in lower case (ASCII only: SQLite's own LIKE knows no more).
std::string search_text(const Job& job) {
  auto text = job.title + "\n" + job.channel + "\n" + job.url + "\n" + job.video_id;
  for (auto& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return text;
}

std::string like_pattern(std::string_view words) {
  std::string out = "%";
  for (char c : words) {
    if (c == '%' || c == '_' || c == '\\') out += '\\';
    out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  return out + "%";
}

// The statuses as ",PENDING,STARTED,", to be looked for with instr(); empty: all.
std::string status_list(std::span<const JobStatus> statuses) {
  std::string out;
  for (const auto status : statuses) out += fmt::format(",{}", to_string(status));
  return out.empty() ? out : out + ",";
}

struct Cursor {
  std::int64_t created_at = std::numeric_limits<std::int64_t>::max();
  std::string id = "\x7f";
};

Result<Cursor> parse_cursor(const std::string& text) {
  if (text.empty()) return Cursor{};
  Cursor cursor;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), cursor.created_at);
  if (error != std::errc{} || *end != '_') return fail(ErrorKind::invalid_input, "the cursor is none of ours");
  cursor.id = end + 1;
  return cursor;
}

void bind_row(Statement& statement, const Job& job, std::int64_t change) {
  statement.bind(1, job.id).bind(2, static_cast<std::int64_t>(job.version)).bind(3, to_string(job.status));
  statement.bind(4, ms(job.created_at.value_or(Instant{}))).bind(5, ms(system_now()));
  bind_time(statement, 6, job.lease_expires_at);
  bind_time(statement, 7, job.not_before);
  statement.bind(8, search_text(job)).bind(9, change).bind(10, to_json_text(job));
}

Result<std::vector<Job>> read_all(Statement& statement) {
  std::vector<Job> out;
  while (TRY(statement.step())) out.push_back(TRY(job_from_json_text(statement.text(0))));
  return out;
}

}  // namespace

Result<std::unique_ptr<SqliteJobs>> SqliteJobs::open(const std::string& path) {
  return std::unique_ptr<SqliteJobs>(new SqliteJobs(TRY(Database::open(path))));
}

Result<std::int64_t> SqliteJobs::next_change() {
  auto statement = TRY(database_->prepare("UPDATE counter SET change = change + 1 RETURNING change"));
  if (!TRY(statement->step())) return fail(ErrorKind::corrupt, "the database has no change counter");
  const auto change = statement->integer(0);
  TRY(statement->run());
  return change;
}

Result<std::int64_t> SqliteJobs::last_change() {
  auto statement = TRY(database_->prepare("SELECT change FROM counter"));
  return TRY(statement->step()) ? statement->integer(0) : 0;
}

Result<Job> SqliteJobs::create(Job job) {
  const auto lock = database_->lock();
  auto transaction = TRY(Transaction::begin(*database_));
  job.version = 1;
  const auto change = TRY(next_change());
  {
    auto insert = TRY(database_->prepare("INSERT INTO jobs (id, version, status, created_at, updated_at, lease_expires_at, not_before, "
                                         "search, change, body) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10) ON CONFLICT DO NOTHING"));
    bind_row(*insert, job, change);
    TRY(insert->run());
    if (database_->changes() == 0) return fail(ErrorKind::conflict, "there is a job of that id");
  }
  TRY(transaction.commit());
  return job;
}

Result<Job> SqliteJobs::get(std::string_view id) {
  const auto lock = database_->lock();
  auto statement = TRY(database_->prepare("SELECT body FROM jobs WHERE id = ?1"));
  statement->bind(1, id);
  if (!TRY(statement->step())) return fail(ErrorKind::not_found, "there is no such job");
  return job_from_json_text(statement->text(0));
}

Result<JobPage> SqliteJobs::list(const JobQuery& query) {
  const auto cursor = TRY(parse_cursor(query.cursor));
  const auto limit = std::clamp<std::size_t>(query.limit, 1, 200);
  const auto lock = database_->lock();
  auto statement = TRY(database_->prepare(
      "SELECT body FROM jobs WHERE (created_at, id) < (?1, ?2) AND (?3 = '' OR instr(?3, ',' || status || ',')) "
      "AND (?4 = '%%' OR search LIKE ?4 ESCAPE '\\') ORDER BY created_at DESC, id DESC LIMIT ?5"));
  statement->bind(1, cursor.created_at).bind(2, cursor.id).bind(3, status_list(query.statuses));
  statement->bind(4, like_pattern(query.search)).bind(5, static_cast<std::int64_t>(limit + 1));
  JobPage page{TRY(read_all(*statement)), {}};
  if (page.jobs.size() <= limit) return page;
  page.jobs.pop_back();
  const auto& last = page.jobs.back();
  page.next = fmt::format("{}_{}", ms(last.created_at.value_or(Instant{})), last.id);
  return page;
}

Result<Job> SqliteJobs::replace(Job job) {
  const auto lock = database_->lock();
  auto transaction = TRY(Transaction::begin(*database_));
  const auto before = static_cast<std::int64_t>(job.version++);
  const auto change = TRY(next_change());
  std::int64_t written = 0;
  {
    auto statement = TRY(database_->prepare(
        "UPDATE jobs SET version=?2, status=?3, created_at=?4, updated_at=?5, lease_expires_at=?6, not_before=?7, search=?8, "
        "change=?9, body=?10 WHERE id=?1 AND version=?11 AND instr(?12, ',' || status || ',')"));
    bind_row(*statement, job, change);
    statement->bind(11, before).bind(12, status_list(predecessors(job.status)));
    TRY(statement->run());
    written = database_->changes();
  }
  if (written == 0) {
    auto exists = TRY(database_->prepare("SELECT status FROM jobs WHERE id = ?1"));
    exists->bind(1, job.id);
    if (!TRY(exists->step())) return fail(ErrorKind::not_found, "there is no such job any more");
    return fail(ErrorKind::conflict, fmt::format("the job has changed meanwhile (it is {})", exists->text(0)));
  }
  TRY(transaction.commit());
  return job;
}

Result<void> SqliteJobs::remove(std::string_view id, std::uint64_t version) {
  const auto lock = database_->lock();
  auto transaction = TRY(Transaction::begin(*database_));
  {
    auto statement = TRY(database_->prepare("DELETE FROM jobs WHERE id = ?1 AND version = ?2"));
    statement->bind(1, id).bind(2, static_cast<std::int64_t>(version));
    TRY(statement->run());
    if (database_->changes() == 0) return fail(ErrorKind::conflict, "the job is gone or has changed meanwhile");
  }
  const auto change = TRY(next_change());
  {
    auto note = TRY(database_->prepare("INSERT INTO removals (change, id) VALUES (?1, ?2)"));
    note->bind(1, change).bind(2, id);
    TRY(note->run());
    auto trim = TRY(database_->prepare("DELETE FROM removals WHERE change < ?1"));
    trim->bind(1, change - kKeptRemovals);
    TRY(trim->run());
  }
  return transaction.commit();
}

Result<std::vector<Job>> SqliteJobs::due(Instant now, milliseconds pending_age, std::size_t limit) {
  const auto lock = database_->lock();
  auto statement = TRY(database_->prepare(
      "SELECT body FROM jobs WHERE (status IN ('STARTED','RECORDING','UPLOADING') AND (lease_expires_at IS NULL OR "
      "lease_expires_at <= ?1)) OR (status = 'WAITING' AND (not_before IS NULL OR not_before <= ?1)) OR (status = 'PENDING' AND "
      "updated_at <= ?2) ORDER BY created_at, id LIMIT ?3"));
  statement->bind(1, ms(now)).bind(2, ms(now - pending_age)).bind(3, static_cast<std::int64_t>(limit));
  return read_all(*statement);
}

Result<ChangeFeed::Changes> SqliteJobs::since(std::uint64_t cursor) {
  const auto lock = database_->lock();
  Changes out;
  if (cursor == 0) {
    out.cursor = static_cast<std::uint64_t>(TRY(last_change()));
    return out;
  }
  auto transaction = TRY(Transaction::begin(*database_));  // both queries see one state
  out.cursor = static_cast<std::uint64_t>(TRY(last_change()));
  auto changed = TRY(database_->prepare("SELECT body, change FROM jobs WHERE change > ?1 ORDER BY change LIMIT ?2"));
  changed->bind(1, static_cast<std::int64_t>(cursor)).bind(2, static_cast<std::int64_t>(kMostChanges));
  std::uint64_t last = cursor;
  while (TRY(changed->step())) {
    out.changed.push_back(TRY(job_from_json_text(changed->text(0))));
    last = static_cast<std::uint64_t>(changed->integer(1));
  }
  if (out.changed.size() == kMostChanges) out.cursor = last;
  auto removed = TRY(database_->prepare("SELECT id FROM removals WHERE change > ?1 AND change <= ?2 ORDER BY change"));
  removed->bind(1, static_cast<std::int64_t>(cursor)).bind(2, static_cast<std::int64_t>(out.cursor));
  while (TRY(removed->step())) out.removed.push_back(removed->text(0));
  return out;
}

}  // namespace aircheck::sqlite
