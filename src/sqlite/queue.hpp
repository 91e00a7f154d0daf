#pragma once
// The job queue of one machine: a table in the same SQLite file as the jobs. Thread-safe; the clock must outlive it.

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/ports.hpp"
#include "sqlite/database.hpp"

namespace aircheck::sqlite {

class SqliteQueue final : public JobQueue {
 public:
  /// Errors as Database::open().
  static Result<std::unique_ptr<SqliteQueue>> open(const std::string& file, const Clock& clock, int max_receives = 5,
                                                   DatabaseOptions options = {});

  Result<void> send(std::string_view job_id, std::string_view token) override;
  Result<std::vector<Delivery>> receive(std::size_t limit, milliseconds visibility) override;
  Result<void> acknowledge(std::string_view receipt) override;
  Result<void> put_back(std::string_view receipt, milliseconds delay) override;
  Result<Depth> depth() override;
  Result<std::vector<std::string>> dead_letters(std::size_t limit) override;
  Result<std::size_t> replay_dead_letters() override;

 private:
  SqliteQueue(std::unique_ptr<Database> database, const Clock& clock, int max_receives)
      : database_(std::move(database)), clock_(clock), max_receives_(max_receives) {}
  Result<bool> anything_to_do(Instant now);
  Result<void> bury(Instant now);
  Result<std::vector<Delivery>> deliver(Instant now, std::size_t limit, milliseconds visibility);

  std::mutex mutex_;
  std::unique_ptr<Database> database_;
  const Clock& clock_;
  const int max_receives_;
};

}  // namespace aircheck::sqlite
