#pragma once
// The job queue as an SQS FIFO queue and its dead-letter queue. A message's body is {"job_id": "…"}, its group the job.
// Thread-safe.

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <string>

#include "aws/client.hpp"
#include "core/ports.hpp"

namespace aircheck::aws {

struct SqsOptions {
  std::string queue_url;
  std::string dead_letter_url;  // empty: the depth shows no dead letters, and none can be replayed
  seconds wait{0};              // how long receive() may wait for a message, at most 10 s
  std::stop_token stop{};       // ends that waiting; what was delivered meanwhile comes again
};

class SqsQueue final : public JobQueue {
 public:
  /// Borrows the client.
  SqsQueue(Client& client, SqsOptions options);

  Result<void> send(std::string_view job_id, std::string_view token) override;
  /// At most ten. Messages that are not ours are left to become dead letters.
  Result<std::vector<Delivery>> receive(std::size_t limit, milliseconds visibility) override;
  Result<void> acknowledge(std::string_view receipt) override;
  Result<void> put_back(std::string_view receipt, milliseconds delay) override;
  Result<Depth> depth() override;
  Result<std::vector<std::string>> dead_letters(std::size_t limit) override;
  Result<std::size_t> replay_dead_letters() override;

 private:
  Result<nlohmann::json> fetch(const std::string& url, std::size_t limit, seconds visibility, seconds wait,
                               std::stop_token stop = {});
  Result<void> send_to(const std::string& url, std::string_view body, std::string_view group, std::string_view token);
  Result<void> change_visibility(const std::string& url, std::string_view receipt, seconds delay);
  Result<void> remove(const std::string& url, std::string_view receipt);
  Result<nlohmann::json> attributes(const std::string& url);

  Client& client_;
  SqsOptions options_;
};

/// The job that a message's body names; nothing for a message that is not ours.
std::optional<std::string> job_id_in_message(std::string_view body);

}  // namespace aircheck::aws
