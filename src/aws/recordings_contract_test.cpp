// The S3 store keeps the contract of the recordings, against moto. Each test is one recording in a bucket of its own.
#include "aws/s3_testing.hpp"
#include "core/recording_replacement_contract.hpp"
#include "core/recording_store_contract.hpp"

namespace aircheck {
namespace {

struct S3World final : RecordingStoreWorld {
  aws::TestBucket bucket;
  std::unique_ptr<aws::S3Store> bucket_store;
  S3World() { restart(); }
  RecordingStore& store() override { return *bucket_store; }
  void restart() override {
    bucket_store = std::make_unique<aws::S3Store>(bucket.aws.client,
                                                  aws::BucketOptions{.bucket = bucket.name, .prefix = "some/where"},
                                                  aws::S3WriterOptions{.finish_patience = milliseconds{20'000}});
  }
};

std::unique_ptr<RecordingStoreWorld> make_bucket() { return std::make_unique<S3World>(); }

}  // namespace

INSTANTIATE_TEST_SUITE_P(S3, RecordingStoreContract, testing::Values(make_bucket));
INSTANTIATE_TEST_SUITE_P(S3, RecordingReplacementContract, testing::Values(make_bucket));

}  // namespace aircheck
