#pragma once
// The job store of one machine: a table in a SQLite file that the server and all recorders share. Thread-safe; the clock
// must outlive it.

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/ports.hpp"
#include "sqlite/database.hpp"

namespace aircheck::sqlite {

class SqliteJobs final : public JobStore, public ChangeFeed {
 public:
  /// Errors as Database::open().
  static Result<std::unique_ptr<SqliteJobs>> open(const std::string& file, const Clock& clock,
                                                  DatabaseOptions options = {});

  Result<Job> create(Job job) override;
  Result<Job> get(std::string_view id) override;
  Result<JobPage> list(const JobQuery& query) override;
  Result<Job> replace(Job job) override;
  Result<void> remove(std::string_view id, std::uint64_t version) override;
  Result<std::vector<Job>> due(Instant now, milliseconds pending_age, std::size_t limit) override;
  Result<std::vector<Job>> held(Instant now) override;
  Result<Changes> since(std::uint64_t cursor) override;
  /// Reads the whole file for damage; slow when it is large.
  Result<void> check();

 private:
  SqliteJobs(std::unique_ptr<Database> database, const Clock& clock) : database_(std::move(database)), clock_(clock) {}
  Result<Job> write(Job job);
  Result<Error> why_refused(const Job& job);
  Result<std::vector<Job>> changed_after(std::uint64_t cursor, std::uint64_t& last);

  std::mutex mutex_;
  std::unique_ptr<Database> database_;
  const Clock& clock_;
};

}  // namespace aircheck::sqlite
