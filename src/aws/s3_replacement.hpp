#pragma once
// A recording's object made anew: an upload of the same key, which takes the old object's place when it is completed. Until then it
// holds one part in memory, and the first one's bytes for as long as the head is not known. One that a killed process left
// behind is ended by the next, and by the bucket's own rule. Not thread-safe.

#include <memory>
#include <string>
#include <vector>

#include "aws/s3_bucket.hpp"
#include "aws/s3_writer.hpp"
#include "core/ports.hpp"

namespace aircheck::aws {

class S3Replacement final : public RecordingReplacement {
 public:
  /// `registration` lives as long as the object: the store's note that the recording is being made anew.
  S3Replacement(std::shared_ptr<S3Bucket> bucket, std::string key, std::size_t head_size, S3WriterOptions options,
                std::shared_ptr<void> registration);
  ~S3Replacement() override;

  Result<void> append(std::span<const ByteView> pieces) override;
  std::uint64_t length() const override { return length_; }
  Result<void> commit(ByteView head) override;

 private:
  Result<void> send_part();
  Result<void> complete();

  std::shared_ptr<S3Bucket> bucket_;
  std::string key_;
  S3WriterOptions options_;
  std::shared_ptr<void> registration_;
  std::string front_;   // the head's room and what stands behind it, up to the size of a part
  std::string buffer_;  // the part that comes next
  std::string upload_;  // empty: none was begun
  std::vector<UploadedPart> parts_;
  std::uint64_t length_ = 0;
};

}  // namespace aircheck::aws
