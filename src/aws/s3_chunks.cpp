#include "aws/s3_chunks.hpp"

#include "base/log.hpp"
#include "base/uuid.hpp"

namespace aircheck::aws {
namespace {

bool is_equal(std::string_view whole, const Pieces& pieces) {
  for (const auto piece : pieces) {
    if (!whole.starts_with(piece)) return false;
    whole.remove_prefix(piece.size());
  }
  return whole.empty();
}

}  // namespace

S3Chunks::S3Chunks(S3Bucket& bucket, std::string recording, const S3Journal& journal)
    : bucket_(bucket),
      recording_(std::move(recording)),
      id_(journal.id.empty() ? make_uuid7(system_now()) : journal.id),
      number_(std::max(0, journal.chunks - 1)),
      text_(journal.last_text),
      etag_(journal.last_etag) {}

Result<void> S3Chunks::write(std::string_view text, const Pieces& tail, const std::stop_token& stop) {
  const int number = number_ + (is_full() ? 1 : 0);
  auto all = (is_full() ? std::string{} : text_) + std::string(text);
  const auto beginning = make_chunk(id_, number, all, size_of(tail));
  Pieces chunk{beginning};
  chunk.insert(chunk.end(), tail.begin(), tail.end());
  const auto before = is_full() ? std::exchange(etag_, "") : etag_;
  auto etag = put(number, chunk, stop);
  if (!etag) {
    etag_ = before;
    return std::unexpected(etag.error());
  }
  number_ = number;
  text_ = std::move(all);
  etag_ = *std::move(etag);
  return {};
}

Result<std::string> S3Chunks::put(int number, const Pieces& chunk, const std::stop_token& stop) {
  PutCondition condition;
  if (conditional_) condition = {.only_new = etag_.empty(), .only_if_etag = etag_};
  auto etag = bucket_.put(chunk_key(recording_, number), chunk, condition, stop);
  if (!etag && conditional_ && etag.error().message.find("NotImplemented") != std::string::npos) {
    log::warn("the bucket's server knows no conditional writes; nothing but the lease keeps a lost recorder out");
    conditional_ = false;
    return bucket_.put(chunk_key(recording_, number), chunk, {}, stop);
  }
  if (!etag && etag.error().kind == ErrorKind::conflict) return settle(number, chunk, etag.error(), stop);
  return etag;
}

// Something else is there: our own chunk, whose answer was lost; a leftover of an older recording; or a successor's.
Result<std::string> S3Chunks::settle(int number, const Pieces& chunk, const Error& refusal,
                                     const std::stop_token& stop) {
  const auto key = chunk_key(recording_, number);
  auto there = TRY(bucket_.get(key, stop));
  if (is_equal(as_text(there.body), chunk)) return there.etag;
  S3Journal other;
  other.chunks = number;
  other.id = id_;
  const auto ours = other.add_chunk(there.body, there.etag);
  if (number > 0 && ours && !*ours) return bucket_.put(key, chunk, {.only_if_etag = there.etag}, stop);
  return fail(ErrorKind::conflict, "another recorder has taken this recording over: " + refusal.message);
}

Result<void> S3Chunks::remove_all() {
  for (int number = 0; number <= number_; ++number) TRY(bucket_.remove(chunk_key(recording_, number)));
  return {};
}

}  // namespace aircheck::aws
