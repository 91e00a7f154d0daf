#pragma once
// Writes a recording's journal into the bucket, chunk by chunk, each put under the condition that nobody else has put one
// since: of two recorders that both believe the recording theirs the later one goes on, the other one gets `conflict`.
// Driven by one thread at a time.

#include <stop_token>
#include <string>
#include <string_view>

#include "aws/s3_bucket.hpp"
#include "aws/s3_journal.hpp"

namespace aircheck::aws {

class S3Chunks {
  // Every durable step puts the last chunk again: larger ones cost traffic, smaller ones requests when it is read.
  static constexpr std::size_t kChunkSize = 256 * 1024;

 public:
  /// Goes on behind the journal that was read; borrows the bucket.
  S3Chunks(S3Bucket& bucket, std::string recording, const S3Journal& journal);

  /// Adds `text` and replaces the tail, at once and durably. On error nothing was added; the same may be tried again.
  Result<void> write(std::string_view text, const Pieces& tail, const std::stop_token& stop);
  /// Removes all chunks, the first one first: without it the others mean nothing.
  Result<void> remove_all();

 private:
  bool is_full() const { return !etag_.empty() && text_.size() >= kChunkSize; }
  Result<std::string> put(int number, const Pieces& chunk, const std::stop_token& stop);
  Result<std::string> settle(int number, const Pieces& chunk, const Error& refusal, const std::stop_token& stop);

  S3Bucket& bucket_;
  std::string recording_;
  std::string id_;
  int number_ = 0;  // of the last chunk
  std::string text_, etag_;
  bool conditional_ = true;
};

}  // namespace aircheck::aws
