#pragma once
// A message queue in SQLite (JobQueue), beside the jobs in the same file. Thread-safe.

#include <memory>
#include <string>

#include "core/ports.hpp"
#include "sqlite/database.hpp"

namespace aircheck::sqlite {

class SqliteQueue final : public JobQueue {
 public:
  static Result<std::unique_ptr<SqliteQueue>> open(const std::string& path, const Clock& clock, int max_receives = 5);

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
  std::int64_t now() const { return clock_.now().time_since_epoch().count(); }
  Result<void> bury();

  std::unique_ptr<Database> database_;
  const Clock& clock_;
  int max_receives_;
};

}  // namespace aircheck::sqlite
