#pragma once
// The watched channels of one machine: tables in the same SQLite file as the jobs. Thread-safe; the clock must outlive it.

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/ports.hpp"
#include "sqlite/database.hpp"

namespace aircheck::sqlite {

class SqliteWatches final : public WatchStore {
 public:
  /// Errors as Database::open().
  static Result<std::unique_ptr<SqliteWatches>> open(const std::string& file, const Clock& clock,
                                                     DatabaseOptions options = {});

  Result<Watch> create(Watch watch) override;
  Result<std::vector<Watch>> list() override;
  Result<void> replace(const Watch& watch) override;
  Result<bool> claim(const Watch& watch, const std::optional<Instant>& expected) override;
  Result<void> remove(std::string_view id) override;
  Result<std::vector<std::string>> unjudged(std::string_view id, std::vector<std::string> video_ids) override;
  Result<void> dismiss(std::string_view id, std::string_view video_id) override;
  Result<std::optional<Job>> admit(std::string_view id, Job job) override;

 private:
  SqliteWatches(std::unique_ptr<Database> database, const Clock& clock)
      : database_(std::move(database)), clock_(clock) {}
  Result<void> expect(std::string_view id);
  Result<void> update(const Watch& watch);
  Result<bool> is_judged(std::string_view id, std::string_view video_id);
  Result<bool> judge(std::string_view id, std::string_view video_id);
  Result<bool> has_job(std::string_view video_id);

  std::mutex mutex_;
  std::unique_ptr<Database> database_;
  const Clock& clock_;
};

}  // namespace aircheck::sqlite
