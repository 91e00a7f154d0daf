#pragma once
// The job store in one DynamoDB table. Every write is one conditional PutItem that compares the version and the stored
// status; a write whose answer was lost is known again by its id. Thread-safe.
//
// The table: partition key `id` (S), TTL attribute `expires_at` (N, epoch seconds), and two indexes that project ALL:
//   by_place   partition `everything` (S, always "job"), sort `place` (S, "<created ms>.<id>"): the list, newest first
//   by_due     partition `due_kind` (S, "timed" or "pending"; absent once a job has ended), sort `due_at` (N, ms): the
//              reconciler's question. One recorder account has thousands of jobs, not millions: one partition serves.
// Beside the job's own members an item has `search`, `written_at` (ms) and `write_id`.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "aws/client.hpp"
#include "core/ports.hpp"

namespace aircheck::aws {

/// The item of a job that is written now.
nlohmann::json job_item(const Job& job, Instant now, const std::string& write_id);

class DynamoJobs final : public JobStore {
 public:
  /// Borrows client and clock.
  DynamoJobs(Client& client, const Clock& clock, std::string table);

  Result<Job> create(Job job) override;
  Result<Job> get(std::string_view id) override;
  Result<JobPage> list(const JobQuery& query) override;
  Result<Job> replace(Job job) override;
  Result<void> remove(std::string_view id, std::uint64_t version) override;
  Result<std::vector<Job>> due(Instant now, milliseconds pending_age, std::size_t limit) override;
  Result<std::vector<Job>> held(Instant now) override;

  /// Creates the table and waits until it can be used; for tests and for machines without Terraform.
  Result<void> create_table();

 private:
  Result<bool> put(const Job& job, nlohmann::json condition, nlohmann::json& stored);
  Result<void> query(nlohmann::json request, std::size_t limit, std::vector<Job>& jobs);

  Client& client_;
  const Clock& clock_;
  std::string table_;
};

}  // namespace aircheck::aws
