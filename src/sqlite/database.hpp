#pragma once
// One connection to a SQLite file, set up for many processes at once (write-ahead log, busy timeout), with its statements
// prepared once and kept. Errors of SQLite become ours, saying what to do. Not thread-safe: its owner locks.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/result.hpp"
#include "base/time.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace aircheck::sqlite {

/// A prepared statement in use: bound and stepped by its borrower, reset when the borrow ends. Columns count from 0,
/// parameters in the order of bind().
class Statement {
 public:
  Statement(sqlite3* connection, sqlite3_stmt* statement, std::string_view file)
      : connection_(connection), statement_(statement), file_(file) {}
  ~Statement();
  Statement(Statement&& other) noexcept
      : connection_(other.connection_),
        statement_(std::exchange(other.statement_, nullptr)),
        file_(other.file_),
        next_(other.next_) {}
  Statement& operator=(Statement&&) = delete;

  template <class... Values>
  Statement& bind(const Values&... values) {
    (bind_one(values), ...);
    return *this;
  }
  /// True while there is a row.
  Result<bool> step();
  /// Steps to the end: for what returns no rows.
  Result<void> run();

  std::int64_t integer(int column) const;
  /// Valid until the next step.
  std::string_view text(int column) const;

 private:
  void bind_one(std::int64_t value);
  void bind_one(std::uint64_t value) { bind_one(static_cast<std::int64_t>(value)); }
  void bind_one(int value) { bind_one(static_cast<std::int64_t>(value)); }
  void bind_one(Instant value) { bind_one(value.time_since_epoch().count()); }
  void bind_one(std::string_view value);  // borrowed until the statement is reset
  void bind_one(const std::string& value) { bind_one(std::string_view(value)); }
  template <class Value>
  void bind_one(const std::optional<Value>& value) {
    if (value) bind_one(*value);
    else ++next_;
  }

  sqlite3* connection_;
  sqlite3_stmt* statement_;
  std::string_view file_;
  int next_ = 1;
};

struct DatabaseOptions {
  milliseconds busy_timeout{10'000};  // how long a write waits for another process
  std::size_t reserve = 0;            // bytes of disk that the log holds from the start; see Database::reserve
};

class Database {
 public:
  /// Opens or creates the file and brings its schema to the present version. `unsupported` when a newer program made it,
  /// `corrupt` when it is no database, `io` when it cannot be opened, `unavailable` when it stays locked.
  static Result<std::unique_ptr<Database>> open(const std::string& file, DatabaseOptions options = {});
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// The statement for `sql`, prepared at its first use. Never two borrows of the same at once.
  Result<Statement> prepare(std::string_view sql);
  /// Runs one or several statements without parameters.
  Result<void> execute(const char* sql);
  /// Runs `work` (→ Result<T>) in a transaction that holds the write lock from its beginning, so that what it reads stays
  /// true until it is committed. Any error rolls back.
  template <class Work>
  auto transaction(Work&& work) -> decltype(work());
  /// How many rows the last statement changed.
  std::int64_t changes() const;
  /// Reads the whole file: `corrupt` with what was found.
  Result<void> check();

 private:
  struct Close {
    void operator()(sqlite3* connection) const;
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };

  Database(sqlite3* connection, std::string file) : connection_(connection), file_(std::move(file)) {}
  Result<void> set_up(const DatabaseOptions& options);
  Result<void> migrate();
  void reserve(std::size_t bytes);
  Result<int> schema_version();

  std::unique_ptr<sqlite3, Close> connection_;
  std::string file_;
  // Declared after the connection: statements must go first.
  std::unordered_map<std::string, std::unique_ptr<sqlite3_stmt, Finalize>> statements_;
};

template <class Work>
auto Database::transaction(Work&& work) -> decltype(work()) {
  if (auto begun = execute("BEGIN IMMEDIATE"); !begun) return std::unexpected(std::move(begun).error());
  auto result = work();
  const auto closed = execute(result ? "COMMIT" : "ROLLBACK");
  if (!result || closed) return result;
  static_cast<void>(execute("ROLLBACK"));  // a COMMIT that failed may have left the transaction open
  return std::unexpected(closed.error());
}

}  // namespace aircheck::sqlite
