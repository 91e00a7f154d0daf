#include "aws/s3_replacement.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "base/log.hpp"

namespace aircheck::aws {

S3Replacement::S3Replacement(std::shared_ptr<S3Bucket> bucket, std::string key, std::size_t head_size,
                             S3WriterOptions options, std::shared_ptr<void> registration)
    : bucket_(std::move(bucket)),
      key_(std::move(key)),
      options_(options),
      registration_(std::move(registration)),
      front_(head_size, '\0'),
      length_(head_size) {}

S3Replacement::~S3Replacement() {
  if (upload_.empty()) return;
  if (const auto done = bucket_->abort_upload(key_, upload_); !done)
    log::warn("an unfinished upload of {} is left behind: {}", key_, done.error().message);
}

Result<void> S3Replacement::append(std::span<const ByteView> pieces) {
  for (const auto piece : pieces) {
    auto text = as_text(piece);
    length_ += text.size();
    if (front_.size() < options_.part_size) {
      const auto taken = text.substr(0, options_.part_size - front_.size());
      front_ += taken;
      text.remove_prefix(taken.size());
    }
    while (!text.empty()) {
      const auto size = part_size_at(static_cast<int>(parts_.size()) + 2, options_);
      const auto taken = text.substr(0, size - buffer_.size());
      buffer_ += taken;
      text.remove_prefix(taken.size());
      if (buffer_.size() == size) TRY(send_part());
    }
  }
  return {};
}

// The first part, which has the head in it, goes last.
Result<void> S3Replacement::send_part() {
  const auto number = static_cast<int>(parts_.size()) + 2;
  if (number > options_.most_parts)
    return fail(ErrorKind::unsupported, fmt::format("an object cannot have more than {} parts", options_.most_parts));
  if (upload_.empty()) upload_ = TRY(bucket_->create_upload(key_));
  parts_.push_back(TRY(bucket_->upload_part(key_, upload_, number, {buffer_})));
  buffer_.clear();
  return {};
}

Result<void> S3Replacement::commit(ByteView head) {
  if (head.size() > front_.size()) return fail(ErrorKind::internal, "a head without room");
  std::ranges::copy(as_text(head), front_.begin());
  // Deleted by the user meanwhile: it shall not come back.
  TRY(bucket_->size(key_));
  if (!upload_.empty() || !buffer_.empty()) return complete();
  TRY(bucket_->put(key_, {front_}));
  return {};
}

Result<void> S3Replacement::complete() {
  if (!buffer_.empty()) TRY(send_part());
  auto parts = parts_;
  parts.push_back(TRY(bucket_->upload_part(key_, upload_, 1, {front_})));
  const auto done = bucket_->complete_upload(key_, upload_, std::move(parts));
  // Done already, and the answer was lost?
  const bool lost = !done && is_no_such_upload(done.error()) && bucket_->size(key_) == Result<std::uint64_t>(length_);
  if (!done && !lost) return done;
  upload_.clear();
  return {};
}

}  // namespace aircheck::aws
