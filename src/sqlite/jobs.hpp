#pragma once
// Jobs in SQLite: JobStore and ChangeFeed over one database file, shared by the server and its recorders. Thread-safe.

#include <memory>
#include <string>

#include "core/ports.hpp"
#include "sqlite/database.hpp"

namespace aircheck::sqlite {

class SqliteJobs final : public JobStore, public ChangeFeed {
 public:
  static Result<std::unique_ptr<SqliteJobs>> open(const std::string& path);

  Result<Job> create(Job job) override;
  Result<Job> get(std::string_view id) override;
  Result<JobPage> list(const JobQuery& query) override;
  Result<Job> replace(Job job) override;
  Result<void> remove(std::string_view id, std::uint64_t version) override;
  Result<std::vector<Job>> due(Instant now, milliseconds pending_age, std::size_t limit) override;
  Result<Changes> since(std::uint64_t cursor) override;

 private:
  explicit SqliteJobs(std::unique_ptr<Database> database) : database_(std::move(database)) {}
  Result<std::int64_t> next_change();
  Result<std::int64_t> last_change();

  std::unique_ptr<Database> database_;
};

}  // namespace aircheck::sqlite
