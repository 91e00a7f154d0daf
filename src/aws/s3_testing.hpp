#pragma once
// For tests: a bucket of its own in moto, with a store that cuts small parts and flushes at once or never.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "aws/moto_testing.hpp"
#include "aws/s3_store.hpp"
#include "base/bytes.hpp"

namespace aircheck::aws {

struct TestBucket {
  MotoClient aws;
  std::string name = Moto::instance().fresh("bucket");
  S3Bucket bucket{aws.client, {.bucket = name}};

  TestBucket() {
    const auto made = aws.client.succeed({.service = "s3",
                                          .method = "PUT",
                                          .path = "/" + name,
                                          .body = "<CreateBucketConfiguration><LocationConstraint>eu-central-1"
                                                  "</LocationConstraint></CreateBucketConfiguration>"});
    if (!made) throw std::runtime_error(made.error().message);
  }
  /// A store as another process would have it.
  std::unique_ptr<S3Store> store(S3WriterOptions options) {
    return std::make_unique<S3Store>(aws.client, BucketOptions{.bucket = name}, options);
  }
  bool has(std::string_view key, std::string_view text) {
    const auto got = bucket.get(key);
    return got && as_text(got->body).find(text) != std::string_view::npos;
  }
  std::string content(std::string_view key) {
    const auto got = bucket.get(key);
    EXPECT_TRUE(got) << got.error().message;
    return got ? std::string(as_text(got->body)) : std::string{};
  }
};

}  // namespace aircheck::aws
