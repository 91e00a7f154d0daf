#include "sqlite/database.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>

#include "sqlite/schema.hpp"

namespace aircheck::sqlite {
namespace {

constexpr milliseconds kRetryEvery{20};

Error error_of(sqlite3* connection, int code, std::string_view file) {
  const auto text = connection ? sqlite3_errmsg(connection) : sqlite3_errstr(code);
  const auto say = [&](ErrorKind kind, std::string_view advice) {
    return Error{kind, fmt::format("database {}: {}{}{}", file, text, advice.empty() ? "" : "; ", advice)};
  };
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return say(ErrorKind::unavailable, "another program keeps it locked");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return say(ErrorKind::corrupt,
                 "the recordings are not touched by that; mend it with `sqlite3 FILE .recover`, or move it away to "
                 "begin anew");
    case SQLITE_FULL: return say(ErrorKind::disk_full, "make room on its disk");
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_CANTOPEN: return say(ErrorKind::io, "check that its folder exists and may be written to");
    case SQLITE_CONSTRAINT: return say(ErrorKind::conflict, {});
    case SQLITE_IOERR: return say(ErrorKind::io, "check its disk");
    case SQLITE_NOMEM: return say(ErrorKind::io, {});
    default: return say(ErrorKind::internal, {});
  }
}

}  // namespace

// ---- Statement ------------------------------------------------------------------------------------------------------

Statement::~Statement() {
  if (!statement_) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

void Statement::bind_one(std::int64_t value) { sqlite3_bind_int64(statement_, next_++, value); }

void Statement::bind_one(std::string_view value) {
  sqlite3_bind_text64(statement_, next_++, value.empty() ? "" : value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8);
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return std::unexpected(error_of(connection_, code, file_));
}

Result<void> Statement::run() {
  while (TRY(step())) {
  }
  return {};
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string_view Statement::text(int column) const {
  const auto* data = sqlite3_column_text(statement_, column);
  if (!data) return {};
  return {reinterpret_cast<const char*>(data), static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

// ---- Database -------------------------------------------------------------------------------------------------------

void Database::Close::operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
void Database::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
Database::~Database() = default;

Result<std::unique_ptr<Database>> Database::open(const std::string& file, DatabaseOptions options) {
  sqlite3* connection = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(file.c_str(), &connection, flags, nullptr);
  std::unique_ptr<Database> database(new Database(connection, file));
  if (code != SQLITE_OK) return std::unexpected(error_of(connection, code, file));
  TRY(database->set_up(options));
  TRY(database->migrate());
  if (options.reserve > 0) database->reserve(options.reserve);
  return database;
}

// A disk that recordings have filled still has room for what is to be said of it: the log's file is made as large as it needs
// to be until it begins anew (wal_autocheckpoint pages). What stands behind its last frame means nothing to SQLite, and locks
// are on other files. The pages that are there already go into the database itself. As far as it can be had: a full disk keeps
// nobody from opening.
void Database::reserve(std::size_t bytes) {
  static_cast<void>(execute("PRAGMA wal_checkpoint(PASSIVE)"));
  const int log = ::open((file_ + "-wal").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (log < 0) return;
  static_cast<void>(::posix_fallocate(log, 0, static_cast<off_t>(bytes)));
  ::close(log);
}

Result<void> Database::set_up(const DatabaseOptions& options) {
  sqlite3_busy_timeout(connection_.get(), static_cast<int>(options.busy_timeout.count()));
  // Turning the write-ahead log on does not wait for a busy file, so we do. Once it is on, this reads one page.
  Result<void> done;
  for (auto waited = milliseconds{0}; waited <= options.busy_timeout; waited += kRetryEvery) {
    done = execute("PRAGMA journal_mode = WAL");
    if (done || done.error().kind != ErrorKind::unavailable) break;
    sqlite3_sleep(static_cast<int>(kRetryEvery.count()));
  }
  TRY(done);
  // FULL: a job whose submission was answered, or whose end was noted before its journal goes, survives a power cut. At
  // ten writes a second (a hundred recorders) the syncs do not show. The cache is small for the recorder's sake (20 MB).
  return execute(
      "PRAGMA synchronous = FULL; PRAGMA cache_size = -512; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;"
      "PRAGMA wal_autocheckpoint = 64");
}

Result<int> Database::schema_version() {
  auto statement = TRY(prepare("PRAGMA user_version"));
  TRY(statement.step());
  return static_cast<int>(statement.integer(0));
}

Result<void> Database::migrate() {
  const int newest = static_cast<int>(kMigrations.size());
  const auto refuse_newer = [&](int version) -> Result<int> {
    if (version <= newest) return version;
    return fail(
        ErrorKind::unsupported,
        fmt::format("database {}: a newer aircheck made it (schema {}, this program knows {}); update this program",
                    file_, version, newest));
  };
  if (TRY(refuse_newer(TRY(schema_version()))) == newest) return {};
  return transaction([&]() -> Result<void> {
    // Asked again under the lock: of many processes that start together one migrates.
    for (int version = TRY(refuse_newer(TRY(schema_version()))); version < newest; ++version) {
      TRY(execute(kMigrations.at(static_cast<std::size_t>(version))));
      TRY(execute(fmt::format("PRAGMA user_version = {}", version + 1).c_str()));
    }
    return {};
  });
}

Result<Statement> Database::prepare(std::string_view sql) {
  auto& kept = statements_[std::string(sql)];
  if (!kept) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(connection_.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) return std::unexpected(error_of(connection_.get(), code, file_));
    kept.reset(statement);
  }
  return Statement(connection_.get(), kept.get(), file_);
}

Result<void> Database::execute(const char* sql) {
  const int code = sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return std::unexpected(error_of(connection_.get(), code, file_));
  return {};
}

std::int64_t Database::changes() const { return sqlite3_changes64(connection_.get()); }

Result<void> Database::check() {
  auto statement = TRY(prepare("PRAGMA quick_check(1)"));
  TRY(statement.step());
  const std::string found(statement.text(0));
  if (found == "ok") return {};
  return fail(ErrorKind::corrupt, fmt::format("database {}: {}; mend it with `sqlite3 FILE .recover`", file_, found));
}

}  // namespace aircheck::sqlite
