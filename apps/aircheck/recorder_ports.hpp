#pragma once
// What one recorder works on: jobs in SQLite or DynamoDB, recordings in a folder or a bucket, in the pairings that there are:
//
//   data            a server's folder for both
//   data, store     a server's jobs, recordings in s3://bucket/prefix
//   table, bucket   an account: DynamoDB and S3
//
// Made once per process.

#include <memory>
#include <string>

#include "aircheck/bucket_flags.hpp"
#include "core/ports.hpp"

namespace aircheck::apps {

struct RecorderPlace {
  std::string data;                   // folder
  std::string store;                  // "s3://bucket/prefix"; empty: the folder
  std::string table, bucket, prefix;  // instead of both
  BucketFlags flags;

  bool in_account() const { return !table.empty(); }
};

class RecorderPorts {
 public:
  /// `invalid_input` for a place that is none of the pairings.
  static Result<std::unique_ptr<RecorderPorts>> open(const RecorderPlace& place);

  JobStore& jobs() { return *jobs_; }
  RecordingStore& recordings() { return *recordings_; }
  const Clock& clock() const { return clock_; }
  /// The recordings' where they are in one.
  aws::S3Store* bucket() { return bucket_; }
  /// Of the account, where there is one.
  const aws::Client* client() const { return account_ ? &account_->client : nullptr; }

 private:
  Result<void> open_folder(const RecorderPlace& place);
  Result<void> open_account(const RecorderPlace& place);
  void use_bucket(const cloud::Bucket& bucket);

  SystemClock clock_;
  std::unique_ptr<cloud::Account> account_;
  std::unique_ptr<JobStore> jobs_;
  std::unique_ptr<RecordingStore> recordings_;
  aws::S3Store* bucket_ = nullptr;
};

}  // namespace aircheck::apps
