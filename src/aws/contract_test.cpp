// The DynamoDB stores and the SQS queue keep the contracts of the ports, against moto.
#include <thread>

#include "aws/dynamo_jobs.hpp"
#include "aws/dynamo_watches.hpp"
#include "aws/json_call.hpp"
#include "aws/moto_testing.hpp"
#include "aws/sqs_queue.hpp"
#include "base/json.hpp"
#include "core/job_property_contract.hpp"
#include "core/job_queue_contract.hpp"
#include "core/job_store_contract.hpp"
#include "core/watch_store_contract.hpp"

namespace aircheck {
namespace {

using nlohmann::json;

struct DynamoWorld final : JobStoreWorld {
  aws::MotoClient aws;
  aws::DynamoJobs store{aws.client, clock, aws::Moto::instance().fresh("jobs")};
  DynamoWorld() {
    // Each step of a life is a request to a server here.
    setenv("RC_PARAMS", "seed=20261123 max_success=15", 0);
    if (const auto created = store.create_table(); !created) throw std::runtime_error(created.error().message);
  }
  JobStore& jobs() override { return store; }
};

struct DynamoWatchesWorld final : WatchStoreWorld {
  aws::MotoClient aws;
  std::string table = aws::Moto::instance().fresh("jobs");
  aws::DynamoJobs all_jobs{aws.client, clock, table};
  aws::DynamoWatches store{aws.client, clock, table};
  DynamoWatchesWorld() {
    if (const auto created = all_jobs.create_table(); !created) throw std::runtime_error(created.error().message);
  }
  WatchStore& watches() override { return store; }
  JobStore& jobs() override { return all_jobs; }
};

// Where another server stands in for SQS its clock cannot be set: time then passes, thirty times as fast, and its edges are
// blurred by a third of a second.
constexpr int kFaster = 30;

struct FastQueue final : JobQueue {
  explicit FastQueue(JobQueue& queue) : queue_(queue) {}
  Result<void> send(std::string_view job_id, std::string_view token) override { return queue_.send(job_id, token); }
  Result<std::vector<Delivery>> receive(std::size_t limit, milliseconds visibility) override {
    return queue_.receive(limit, visibility / kFaster);
  }
  Result<void> acknowledge(std::string_view receipt) override { return queue_.acknowledge(receipt); }
  Result<void> put_back(std::string_view receipt, milliseconds delay) override {
    return queue_.put_back(receipt, delay / kFaster);
  }
  Result<Depth> depth() override { return queue_.depth(); }
  Result<std::vector<std::string>> dead_letters(std::size_t limit) override { return queue_.dead_letters(limit); }
  Result<std::size_t> replay_dead_letters() override { return queue_.replay_dead_letters(); }

 private:
  JobQueue& queue_;
};

struct SqsWorld final : JobQueueWorld {
  aws::MotoClient aws;
  std::unique_ptr<aws::SqsQueue> store;
  std::unique_ptr<FastQueue> fast;
  Instant passed = clock.now();
  SqsWorld() {
    const auto name = aws::Moto::instance().fresh("queue");
    const auto dead = create(name + "-dead.fifo", {{"FifoQueue", "true"}});
    const json redrive{{"deadLetterTargetArn", arn(dead)}, {"maxReceiveCount", 5}};
    const auto main = create(name + ".fifo", {{"FifoQueue", "true"}, {"RedrivePolicy", redrive.dump()}});
    store = std::make_unique<aws::SqsQueue>(aws.client, aws::SqsOptions{.queue_url = main, .dead_letter_url = dead});
  }
  milliseconds edge() const override { return aws::Moto::other_server("SQS") ? seconds{10} : milliseconds{1}; }
  std::string create(const std::string& name, const json& attributes) {
    const auto made =
        aws::json_of(aws.client, aws::kSqs, "CreateQueue", {{"QueueName", name}, {"Attributes", attributes}});
    if (!made) throw std::runtime_error(made.error().message);
    return made->value("QueueUrl", "");
  }
  std::string arn(const std::string& url) {
    const auto got = aws::json_of(aws.client, aws::kSqs, "GetQueueAttributes",
                                  {{"QueueUrl", url}, {"AttributeNames", {"QueueArn"}}});
    return got.value()["Attributes"].value("QueueArn", "");
  }
  JobQueue& queue() override {
    if (!aws::Moto::other_server("SQS")) {
      aws::Moto::instance().set_time(clock.now());
      return *store;
    }
    if (clock.now() > passed) std::this_thread::sleep_for((clock.now() - passed) / kFaster + milliseconds{100});
    passed = clock.now();
    if (!fast) fast = std::make_unique<FastQueue>(*store);
    return *fast;
  }
};

std::unique_ptr<JobStoreWorld> make_jobs() { return std::make_unique<DynamoWorld>(); }
std::unique_ptr<WatchStoreWorld> make_watches() { return std::make_unique<DynamoWatchesWorld>(); }
std::unique_ptr<JobQueueWorld> make_queue() { return std::make_unique<SqsWorld>(); }

}  // namespace

INSTANTIATE_TEST_SUITE_P(Dynamo, JobStoreContract, testing::Values(make_jobs));
INSTANTIATE_TEST_SUITE_P(Dynamo, JobPropertyContract, testing::Values(make_jobs));
INSTANTIATE_TEST_SUITE_P(Dynamo, WatchStoreContract, testing::Values(make_watches));
INSTANTIATE_TEST_SUITE_P(Sqs, JobQueueContract, testing::Values(make_queue));

}  // namespace aircheck
