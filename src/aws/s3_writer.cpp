#include "aws/s3_writer.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "core/names.hpp"

namespace aircheck::aws {
namespace {

constexpr int kSmallParts = 4'000;
constexpr double kGrowth = 80.0 * (1 << 20) / (6'000.0 * 6'000.0);  // bytes by the square of the parts beyond
constexpr milliseconds kLookAtUser{500};                            // whether the user can wait no longer

}  // namespace

std::size_t part_size_at(int number, const S3WriterOptions& options) {
  if (options.equal_parts || number <= kSmallParts) return options.part_size;
  const double beyond = number - kSmallParts;
  return options.part_size + static_cast<std::size_t>(kGrowth * beyond * beyond);
}

S3Writer::S3Writer(std::shared_ptr<S3Bucket> bucket, std::string key, S3Journal journal, S3WriterOptions options,
                   std::shared_ptr<void> registration)
    : bucket_(std::move(bucket)),
      key_(std::move(key)),
      options_(options),
      registration_(std::move(registration)),
      journal_lines_(std::move(journal.lines)),
      chunks_(*bucket_, key_, journal) {
  if (journal.file) {
    file_ = *std::move(journal.file);
    buffer_.append(journal.tail);
    noted_tail_ = buffer_.size();
    file_noted_ = true;
    taken_ = options_.part_size + file_.uploaded();
  } else {
    file_.index = -1;
  }
  committed_ = buffer_.size();
  sender_ = std::jthread([this](const std::stop_token& stop) { send_all(stop); });
}

// Leaving in good order: what is committed becomes durable, if the bucket answers soon.
S3Writer::~S3Writer() {
  Lock lock(mutex_);
  if (!left_ && !fatal_) {
    hurry_ = true;
    changed_.notify_all();
    wait_long(lock, options_.farewell, [&] { return fatal_ || (!busy_ && !pending_since_); });
  }
  lock.unlock();
  sender_.request_stop();
  sender_.join();
}

std::string S3Writer::name() const { return recording_part_key(key_, file_.index); }

// ---- the recorder's side --------------------------------------------------------------------------------------------

Error S3Writer::trouble(const Lock&) const {
  if (fatal_) return *fatal_;
  if (trouble_) return {ErrorKind::unavailable, trouble_->message};
  return {ErrorKind::unavailable, "the bucket takes the recording more slowly than it comes"};
}

// `unavailable` where that takes longer than a recorder's loop should stand still. Who asks again is told at once.
template <class Done>
Result<void> S3Writer::wait_for(Lock& lock, milliseconds patience, Done done) {
  const auto limit = behind_ ? milliseconds{0} : patience;
  behind_ = !changed_.wait_for(lock, limit, [&] { return fatal_ || refused_ || done(); });
  if (refused_) return std::unexpected(*std::exchange(refused_, std::nullopt));
  if (behind_ || fatal_) return std::unexpected(trouble(lock));
  return {};
}

template <class Done>
bool S3Writer::wait_long(Lock& lock, milliseconds patience, Done done) {
  for (auto left = patience; left.count() > 0; left -= kLookAtUser) {
    if (changed_.wait_for(lock, std::min(left, kLookAtUser), done)) return true;
    if (bucket_->given_up()) return false;
  }
  return false;
}

Result<void> S3Writer::begin_file(int index, ByteView head) {
  if (head.size() > options_.part_size) return fail(ErrorKind::internal, "a head that is too long");
  Lock lock(mutex_);
  if (busy_) TRY(wait_for(lock, options_.finish_patience, [&] { return !busy_; }));
  if (file_.index == index && !file_.upload.empty() && !file_.done)
    TRY(bucket_->abort_upload(name(), file_.upload));                  // begun before, and nothing of it counts
  if (fatal_ && fatal_->kind == ErrorKind::not_found) fatal_.reset();  // of the upload that this one is instead of
  file_ = S3File{.index = index, .upload = {}, .parts = {}};
  stage_ = wanted_ = Stage::open;
  refused_.reset();
  last_part_.reset();
  Bytes().swap(head_);
  buffer_.shorten(0);
  committed_ = 0;
  taken_ = options_.part_size;
  file_noted_ = false;
  noted_tail_ = 0;
  return {};
}

Result<void> S3Writer::reopen_file(int index, std::uint64_t length) {
  const Lock lock(mutex_);
  if (index != file_.index) return fail(ErrorKind::corrupt, "the journal in the bucket speaks of another file");
  if (file_.done) {
    taken_ = length;
    buffer_.shorten(0);
    committed_ = 0;
    return {};
  }
  if (length < taken_ || length > taken_ + buffer_.size())
    return fail(ErrorKind::corrupt,
                fmt::format("{} bytes are in the bucket, the journal speaks of {}", taken_ + buffer_.size(), length));
  buffer_.shorten(static_cast<std::size_t>(length - taken_));
  committed_ = std::min(committed_, buffer_.size());
  return {};
}

Result<void> S3Writer::append(std::span<const ByteView> pieces) {
  Lock lock(mutex_);
  if (file_.index < 0) return fail(ErrorKind::internal, "no file is open to append to");
  if (file_.done || wanted_ != Stage::open) return fail(ErrorKind::unsupported, "the file has come to its end");
  if (file_.next_number >= options_.most_parts && buffer_.size() >= options_.part_size)
    return fail(ErrorKind::unsupported,
                fmt::format("the recording has reached the {} parts that an upload may have", options_.most_parts));
  std::size_t coming = 0;
  for (const auto piece : pieces) coming += piece.size();
  const auto room = [&] {
    const auto part = part_size_at(file_.next_number, options_);
    // Beside a part that is under way only little: two would be too much memory.
    if (busy_) return buffer_.size() + coming <= part / 16;
    return buffer_.size() < part || cut_size(lock) == 0;  // what is not committed yet cannot be sent
  };
  TRY(wait_for(lock, options_.patience, room));
  for (const auto piece : pieces) buffer_.append(piece);
  return {};
}

std::uint64_t S3Writer::length() const {
  const Lock lock(mutex_);
  return taken_ + buffer_.size();
}

Result<void> S3Writer::commit(std::string_view line) {
  const Lock lock(mutex_);
  if (fatal_) return std::unexpected(*fatal_);
  if (wanted_ == Stage::sealed || wanted_ > stage_) return fail(ErrorKind::internal, "a sealed file is to be finished");
  pending_ += recorder_text(line);
  committed_ = buffer_.size();
  if (!pending_since_) pending_since_ = std::chrono::steady_clock::now();
  changed_.notify_all();
  return {};
}

Result<void> S3Writer::seal_file() {
  Lock lock(mutex_);
  if (file_.index < 0) return fail(ErrorKind::internal, "no file is open to be finished");
  wanted_ = std::max(wanted_, Stage::sealed);
  changed_.notify_all();
  return wait_for(lock, options_.finish_patience, [&] { return stage_ >= wanted_; });
}

Result<void> S3Writer::finish_file(Bytes head) {
  if (head.size() > options_.part_size) return fail(ErrorKind::internal, "a head that is too long");
  TRY(seal_file());
  Lock lock(mutex_);
  if (stage_ == Stage::finished) return {};
  head_ = std::move(head);
  wanted_ = Stage::finished;
  changed_.notify_all();
  return wait_for(lock, options_.finish_patience, [&] { return stage_ >= wanted_; });
}

Result<void> S3Writer::close() {
  Lock lock(mutex_);
  left_ = true;
  if (!wait_long(lock, options_.close_patience, [&] { return !busy_; })) return std::unexpected(trouble(lock));
  pending_.clear();
  pending_since_.reset();
  return chunks_.remove_all();
}

}  // namespace aircheck::aws
