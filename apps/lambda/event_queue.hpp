#pragma once
// The messages of one SQS event as a queue, so that the dispatcher handles them as it handles all others. What it does not
// acknowledge is reported as failed and comes again. Single-threaded; lives as long as its event.

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/ports.hpp"

namespace aircheck::lambda {

class EventQueue final : public JobQueue {
 public:
  /// `invalid_input` for what is no SQS event. Borrows the real queue, for everything but taking.
  static Result<EventQueue> from(std::string_view event, JobQueue& queue);

  Result<void> send(std::string_view job_id, std::string_view token) override { return queue_->send(job_id, token); }
  /// The event's own messages, once.
  Result<std::vector<Delivery>> receive(std::size_t limit, milliseconds visibility) override;
  Result<void> acknowledge(std::string_view receipt) override;
  Result<void> put_back(std::string_view receipt, milliseconds delay) override;
  Result<Depth> depth() override { return queue_->depth(); }
  Result<std::vector<std::string>> dead_letters(std::size_t limit) override { return queue_->dead_letters(limit); }
  Result<std::size_t> replay_dead_letters() override { return queue_->replay_dead_letters(); }

  /// Lambda's partial batch response. In a FIFO queue whatever follows a failure in its group must fail, too; each job is
  /// a group of its own.
  std::string failures() const;

 private:
  struct Message {
    std::string id, job_id, receipt;
    int receive_count = 1;
    bool done = false;
  };
  explicit EventQueue(JobQueue& queue) : queue_(&queue) {}

  JobQueue* queue_;
  std::vector<Message> messages_;
  std::size_t next_ = 0;
};

}  // namespace aircheck::lambda
