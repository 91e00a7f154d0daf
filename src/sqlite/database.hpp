#pragma once
// SQLite's C API in RAII: one connection with cached statements, and transactions. Safe beside any number of other processes
// (WAL, a busy timeout); one object may be used from several threads, one at a time (lock()).

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace aircheck::sqlite {

/// A prepared statement on loan: reset when it goes out of scope. Parameters and columns count from 1 and 0, as in SQLite.
class Statement {
 public:
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& bind(int index, std::int64_t value);
  Statement& bind(int index, std::string_view value);
  Statement& bind_null(int index);

  /// True while there is a row.
  Result<bool> step();
  /// Steps to the end.
  Result<void> run();
  std::int64_t integer(int column) const;
  std::string text(int column) const;

 private:
  sqlite3_stmt* statement_;
};

class Database {
 public:
  /// Opens or creates the file and brings its schema up to date. `corrupt` for a damaged file or a newer schema, `io` when it
  /// cannot be opened, `unavailable` when it stays locked.
  static Result<std::unique_ptr<Database>> open(const std::string& path);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }
  /// Prepared once per text. The text must live as long as the database: a literal.
  Result<std::unique_ptr<Statement>> prepare(std::string_view sql);
  Result<void> execute(const char* sql);
  std::int64_t changes() const;

 private:
  Database() = default;
  Result<void> migrate();
  sqlite3* handle_ = nullptr;
  std::map<std::string_view, sqlite3_stmt*> statements_;
  std::mutex mutex_;
};

/// BEGIN IMMEDIATE … COMMIT; rolled back unless committed.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  Result<void> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;
};

}  // namespace aircheck::sqlite
