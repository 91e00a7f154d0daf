#include "sqlite/database.hpp"

#include <fmt/core.h>
#include <sqlite3.h>

namespace aircheck::sqlite {
namespace {

constexpr int kBusyTimeoutMs = 5'000;
constexpr std::int64_t kSchemaVersion = 1;

// Version 1. `change` grows over all tables with every write of a job: the change feed's cursor.
constexpr const char* kSchema1 = R"(
  CREATE TABLE jobs (
    id TEXT PRIMARY KEY, version INTEGER NOT NULL, status TEXT NOT NULL, created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL, lease_expires_at INTEGER, not_before INTEGER, search TEXT NOT NULL, change INTEGER NOT NULL,
    body TEXT NOT NULL) WITHOUT ROWID;
  CREATE INDEX jobs_by_creation ON jobs (created_at DESC, id DESC);
  CREATE INDEX jobs_by_status ON jobs (status, created_at DESC, id DESC);
  CREATE INDEX jobs_by_change ON jobs (change);
  CREATE TABLE removals (change INTEGER PRIMARY KEY, id TEXT NOT NULL);
  CREATE TABLE counter (change INTEGER NOT NULL);
  INSERT INTO counter VALUES (1);
  CREATE TABLE messages (
    receipt INTEGER PRIMARY KEY AUTOINCREMENT, job_id TEXT NOT NULL, token TEXT NOT NULL, sent_at INTEGER NOT NULL,
    visible_at INTEGER NOT NULL, receives INTEGER NOT NULL DEFAULT 0, delivery INTEGER NOT NULL DEFAULT 0,
    dead INTEGER NOT NULL DEFAULT 0);
  CREATE INDEX messages_by_visibility ON messages (dead, visible_at);
  CREATE TABLE tokens (token TEXT PRIMARY KEY, sent_at INTEGER NOT NULL) WITHOUT ROWID;
)";

Error error_of(sqlite3* handle, std::string_view what) {
  const int code = handle ? sqlite3_extended_errcode(handle) & 0xff : SQLITE_CANTOPEN;
  const std::string words = handle ? sqlite3_errmsg(handle) : "out of memory";
  switch (code) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {ErrorKind::unavailable, fmt::format("{}: the database is locked by another program ({})", what, words)};
    case SQLITE_FULL:
      return {ErrorKind::disk_full, fmt::format("{}: no room left for the database", what)};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {ErrorKind::corrupt, fmt::format("{}: the database is damaged ({}). Recordings are not touched: move the file away "
                                              "and start again, or restore a copy",
                                              what, words)};
    default:
      return {ErrorKind::io, fmt::format("{}: {}", what, words)};
  }
}

}  // namespace

Statement::~Statement() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Statement& Statement::bind(int index, std::int64_t value) {
  sqlite3_bind_int64(statement_, index, value);
  return *this;
}

Statement& Statement::bind(int index, std::string_view value) {
  sqlite3_bind_text(statement_, index, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT);
  return *this;
}

Statement& Statement::bind_null(int index) {
  sqlite3_bind_null(statement_, index);
  return *this;
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return std::unexpected(error_of(sqlite3_db_handle(statement_), "job database"));
}

Result<void> Statement::run() {
  while (TRY(step())) {
  }
  return {};
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string Statement::text(int column) const {
  const auto* const data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return data ? std::string(data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))) : std::string{};
}

Result<std::unique_ptr<Database>> Database::open(const std::string& path) {
  std::unique_ptr<Database> database(new Database);
  if (sqlite3_open_v2(path.c_str(), &database->handle_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr) != SQLITE_OK)
    return std::unexpected(error_of(database->handle_, path));
  sqlite3_busy_timeout(database->handle_, kBusyTimeoutMs);
  // FULL: a job that was accepted is there after a power cut too. Half a megabyte of cache: a recorder has 20 MB in all.
  TRY(database->execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -512;"));
  TRY(database->migrate());
  return database;
}

Database::~Database() {
  for (auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(handle_);
}

Result<void> Database::migrate() {
  auto transaction = TRY(Transaction::begin(*this));
  std::int64_t version = 0;
  {
    auto query = TRY(prepare("PRAGMA user_version"));
    if (TRY(query->step())) version = query->integer(0);
  }
  if (version > kSchemaVersion)
    return fail(ErrorKind::corrupt, fmt::format("the database has schema {}, this program knows {}: update aircheck", version, kSchemaVersion));
  if (version < 1) TRY(execute(kSchema1));
  if (version != kSchemaVersion) TRY(execute("PRAGMA user_version = 1"));
  return transaction.commit();
}

Result<std::unique_ptr<Statement>> Database::prepare(std::string_view sql) {
  auto& statement = statements_[sql];
  if (!statement && sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK) {
    statements_.erase(sql);
    return std::unexpected(error_of(handle_, "job database"));
  }
  return std::make_unique<Statement>(statement);
}

Result<void> Database::execute(const char* sql) {
  if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return std::unexpected(error_of(handle_, "job database"));
}

std::int64_t Database::changes() const { return sqlite3_changes64(handle_); }

Result<Transaction> Transaction::begin(Database& database) {
  TRY(database.execute("BEGIN IMMEDIATE"));
  return Transaction(database);
}

Transaction::~Transaction() {
  if (database_) (void)database_->execute("ROLLBACK");
}

Result<void> Transaction::commit() {
  TRY(database_->execute("COMMIT"));
  database_ = nullptr;
  return {};
}

}  // namespace aircheck::sqlite
