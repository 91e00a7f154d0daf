#pragma once
// An AWS account as the programs use it, Lambdas and recorders alike: credentials, region, endpoint and certificates as the
// environment says (AWS_REGION, AWS_ENDPOINT_URL, AWS_CA_BUNDLE and the usual credentials), and the stores on it. One object
// per process; thread-safe as its parts are.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "aws/client.hpp"
#include "aws/dynamo_jobs.hpp"
#include "aws/s3_store.hpp"

namespace aircheck::cloud {

/// Where recordings go, in S3 or what speaks it.
struct Bucket {
  std::string name;
  std::string prefix;              // before every key; slashes at its ends do not count
  bool equal_parts = false;        // R2 wants all parts but the last of one size
  std::optional<bool> path_style;  // nothing: see aws::BucketOptions
};
/// Of "s3://name/prefix"; `invalid_input` for anything else.
Result<Bucket> bucket_from_url(std::string_view url);

struct Account {
  /// `given_up`: see aws::ClientOptions.
  explicit Account(std::function<bool()> given_up = {});
  Account(const Account&) = delete;
  Account& operator=(const Account&) = delete;

  SystemClock clock;
  net::HttpOptions http;
  aws::CredentialSource credentials;
  aws::Client client;
};

aws::BucketOptions bucket_options(const Bucket& bucket);
aws::S3WriterOptions writer_options(const Bucket& bucket);

/// What gives links to recordings, good for an hour; borrows the store.
std::function<Result<std::string>(const std::string& key, const std::string& disposition)> link_to(
    aws::S3Store& recordings);

/// The account with the table and the bucket that jobs and recordings are in.
struct Stores : Account {
  Stores(const std::string& table, const Bucket& bucket);

  aws::DynamoJobs jobs;
  aws::S3Store recordings;
};

}  // namespace aircheck::cloud
