#pragma once
// What a recorder tells of itself while it works for an account: the cost it makes, and CloudWatch's metrics in its log lines
// (embedded metric format). cost() may be called from any thread, the others from the loop's.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "aws/client.hpp"
#include "core/cost.hpp"
#include "core/job.hpp"

namespace aircheck::apps {

/// The size of the ECS task that we are, of its metadata endpoint (ECS_CONTAINER_METADATA_URI_V4).
struct TaskSize {
  double vcpus = 0, memory_gb = 0;
};
/// Nothing where we are no task, or its endpoint does not say.
TaskSize own_task_size(const aws::Environment& environment);

class RecorderMeter {
 public:
  /// Borrows the client. `table` is the metrics' dimension.
  RecorderMeter(const aws::Client& client, const Prices& prices, const TaskSize& task, std::string table);

  Cost cost(std::uint64_t stored) const;
  /// One log line: Bytes and Gaps since the last one, LagMs.
  void heartbeat(const Job& job);
  /// One log line with what became of the job: Completed, CompletedWithHoles, Failed, Cancelled; and the last of the others.
  void end(const Job& job);

 private:
  struct Metric {
    std::string name, unit;
    std::int64_t value = 0;
  };
  using Metrics = std::vector<Metric>;
  Metrics news(const Job& job);
  void write(std::string_view message, const Metrics& metrics, nlohmann::json more) const;

  const aws::Client& client_;
  const Prices prices_;
  const TaskSize task_;
  const std::string table_;
  const Instant begin_ = system_now();
  std::uint64_t bytes_ = 0;
  std::size_t gaps_ = 0;
  bool heard_ = false;  // of the job as it was before us
};

}  // namespace aircheck::apps
