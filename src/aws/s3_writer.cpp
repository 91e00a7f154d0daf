#include "aws/s3_writer.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "base/log.hpp"
#include "core/names.hpp"

namespace aircheck::aws {
namespace {

constexpr int kSmallParts = 4'000;
constexpr double kGrowth = 80.0 * (1 << 20) / (6'000.0 * 6'000.0);  // bytes by the square of the parts beyond

// What no repetition heals: somebody else has the recording, or what it consists of is gone.
bool is_fatal(const Error& error) { return error.kind == ErrorKind::conflict || is_no_such_upload(error); }

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
    buffer_ = as_text(journal.tail);
    noted_tail_ = buffer_.size();
    file_noted_ = true;
    taken_ = options_.part_size + file_.uploaded();
  } else {
    file_.index = -1;
  }
  committed_ = buffer_.size();
  reserve(Lock(mutex_));
  sender_ = std::jthread([this](const std::stop_token& stop) { send_all(stop); });
}

// Leaving in good order: what is committed becomes durable, if the bucket answers soon.
S3Writer::~S3Writer() {
  Lock lock(mutex_);
  if (!left_ && !fatal_) {
    hurry_ = true;
    changed_.notify_all();
    changed_.wait_for(lock, options_.farewell, [&] { return fatal_ || (!busy_ && !pending_since_); });
  }
  lock.unlock();
  sender_.request_stop();
  sender_.join();
}

std::string S3Writer::name() const { return recording_part_key(key_, file_.index); }

// ---- the sending thread ---------------------------------------------------------------------------------------------

// Room for a part and what may come while it is cut. Pages that nothing was written to cost nothing.
void S3Writer::reserve(const Lock&) {
  const auto part = part_size_at(file_.next_number, options_);
  buffer_.reserve(part + part / 2);
}

std::size_t S3Writer::cut_size(const Lock&) const {
  if (file_.next_number >= options_.most_parts) return 0;  // the last number is for the file's end
  if (options_.equal_parts) return committed_ >= options_.part_size ? options_.part_size : 0;
  const bool old = pending_since_ && std::chrono::steady_clock::now() - *pending_since_ >= options_.flush_interval;
  const auto least = old || hurry_ ? options_.part_size : part_size_at(file_.next_number, options_);
  return committed_ >= least ? committed_ : 0;
}

std::optional<S3Writer::SteadyTime> S3Writer::deadline(const Lock&) const {
  if (!pending_since_ || left_ || fatal_) return {};
  return *pending_since_ + options_.flush_interval;
}

bool S3Writer::is_due(const Lock& lock) const {
  if (left_ || fatal_ || !pending_since_) return false;
  return hurry_ || cut_size(lock) > 0 || std::chrono::steady_clock::now() >= *deadline(lock);
}

S3Writer::Step S3Writer::next_step(Lock& lock) {
  Step step;
  if (const auto size = cut_size(lock); size > 0) {
    auto rest = buffer_.substr(size);
    buffer_.resize(size);
    step.part = std::exchange(buffer_, std::move(rest));
    taken_ += size;
    committed_ -= size;
  }
  step.text = std::exchange(pending_, "");
  step.tail = committed_;
  pending_since_.reset();
  return step;
}

std::string S3Writer::noted(const std::string& text) const {
  return file_noted_ ? text : file_text(file_.index) + text;
}

Result<void> S3Writer::note(const std::string& text, std::string_view tail, const std::stop_token& stop) {
  TRY(chunks_.write(noted(text), tail, stop));
  file_noted_ = true;
  noted_tail_ = tail.size();
  return {};
}

// A tail may be as long as a part: it is sent from where it lies.
Result<void> S3Writer::note_with_buffer(const Step& step, const std::stop_token& stop) {
  Lock lock(mutex_);
  lent_ = true;
  const auto tail = std::string_view(buffer_).substr(0, step.tail);
  lock.unlock();
  auto done = note(step.text, tail, stop);
  lock.lock();
  lent_ = false;
  changed_.notify_all();
  return done;
}

// An upload is noted before it is used: one that nobody knows of is paid for until a rule of the bucket ends it. What the
// journal's tail holds by now must stay there until it is a part.
Result<void> S3Writer::begin_upload(const std::string& part, const std::stop_token& stop) {
  const auto upload = TRY(bucket_->create_upload(name(), stop));
  const auto text = upload_text(file_.index, upload);
  TRY(note(text, std::string_view(part).substr(0, noted_tail_), stop));
  const Lock lock(mutex_);
  file_.upload = upload;
  return {};
}

Result<void> S3Writer::send_part(Step& step, const std::stop_token& stop) {
  if (file_.upload.empty()) TRY(begin_upload(step.part, stop));
  const auto part = TRY(bucket_->upload_part(name(), file_.upload, file_.next_number, step.part, stop));
  step.text += part_text(file_.index, part);
  const Lock lock(mutex_);
  file_.parts.push_back(part);
  ++file_.next_number;
  // What came meanwhile is little, unless the bucket is slow: it moves into the part's memory, so that there is only one.
  if (buffer_.size() < step.part.size() / 2) {
    step.part.assign(buffer_);
    buffer_.swap(step.part);
  }
  std::string().swap(step.part);
  reserve(lock);
  return {};
}

// A step that was carried out in part goes on where it stopped.
Result<void> S3Writer::carry_out(Step& step, const std::stop_token& stop) {
  if (!step.part.empty()) TRY(send_part(step, stop));
  return note_with_buffer(step, stop);
}

void S3Writer::note_failure(Lock&, const Error& error) {
  if (is_fatal(error)) {
    fatal_ = is_no_such_upload(error)
                 ? Error{ErrorKind::not_found, "the upload was ended by somebody else: " + error.message}
                 : error;
    return;
  }
  if (!trouble_) log::error("the bucket does not take the recording: {}", error.message);
  trouble_ = error;
}

void S3Writer::send_all(const std::stop_token& stop) {
  Lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (!is_due(lock)) {
      if (const auto until = deadline(lock)) changed_.wait_until(lock, stop, *until, [&] { return is_due(lock); });
      else changed_.wait(lock, stop, [&] { return deadline(lock).has_value(); });
      continue;
    }
    auto step = next_step(lock);
    busy_ = true;
    while (!stop.stop_requested() && !fatal_ && !left_) {
      lock.unlock();
      const auto done = carry_out(step, stop);
      lock.lock();
      if (done) {
        if (trouble_) log::info("the bucket takes the recording again");
        trouble_.reset();
        break;
      }
      if (done.error().kind == ErrorKind::cancelled) break;
      note_failure(lock, done.error());
      changed_.notify_all();
      if (!fatal_) changed_.wait_for(lock, stop, options_.retry_after, [] { return false; });
    }
    // The recorder may begin the file again; what it has said of gaps must not be forgotten.
    if (fatal_ && fatal_->kind == ErrorKind::not_found) pending_.insert(0, step.text);
    busy_ = false;
    changed_.notify_all();
  }
}

// ---- the recorder's side --------------------------------------------------------------------------------------------

Error S3Writer::trouble(const Lock&) const {
  if (fatal_) return *fatal_;
  if (trouble_) return {ErrorKind::unavailable, trouble_->message};
  return {ErrorKind::unavailable, "the bucket takes the recording more slowly than it comes"};
}

// Waits until all that is committed is in the bucket. The journal is put in any case: that fails for a recorder that was
// frozen while another one took over.
Result<void> S3Writer::make_durable(Lock& lock) {
  if (!pending_since_) pending_since_ = std::chrono::steady_clock::now();
  hurry_ = true;
  changed_.notify_all();
  const auto done = [&] { return fatal_ || (!busy_ && !pending_since_); };
  const bool in_time = changed_.wait_for(lock, options_.finish_patience, done);
  hurry_ = false;
  if (!in_time || fatal_) return std::unexpected(trouble(lock));
  return {};
}

Result<void> S3Writer::begin_file(int index, ByteView head) {
  if (head.size() != options_.part_size) return fail(ErrorKind::internal, "a head of the wrong size");
  Lock lock(mutex_);
  if (busy_) TRY(make_durable(lock));
  if (file_.index == index && !file_.upload.empty() && !file_.done)
    TRY(bucket_->abort_upload(name(), file_.upload));                  // begun before, and nothing of it counts
  if (fatal_ && fatal_->kind == ErrorKind::not_found) fatal_.reset();  // of the upload that this one is instead of
  file_ = S3File{.index = index, .upload = {}, .parts = {}};
  sealed_ = false;
  last_part_.reset();
  buffer_.clear();
  reserve(lock);
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
    buffer_.clear();
    committed_ = 0;
    return {};
  }
  if (length < taken_ || length > taken_ + buffer_.size())
    return fail(ErrorKind::corrupt,
                fmt::format("{} bytes are in the bucket, the journal speaks of {}", taken_ + buffer_.size(), length));
  buffer_.resize(static_cast<std::size_t>(length - taken_));
  committed_ = std::min(committed_, buffer_.size());
  return {};
}

Result<void> S3Writer::append(std::span<const ByteView> pieces) {
  Lock lock(mutex_);
  if (file_.index < 0 || file_.done || sealed_) return fail(ErrorKind::internal, "no file is open to append to");
  if (file_.next_number >= options_.most_parts && buffer_.size() >= options_.part_size)
    return fail(ErrorKind::unsupported,
                fmt::format("the recording has reached the {} parts that an upload may have", options_.most_parts));
  std::size_t coming = 0;
  for (const auto piece : pieces) coming += piece.size();
  const auto room = [&] {
    if (lent_ && buffer_.size() + coming > buffer_.capacity()) return false;
    const auto part = part_size_at(file_.next_number, options_);
    if (fatal_ || buffer_.size() < (busy_ ? part / 8 : part)) return true;  // two whole parts would be too much memory
    return !busy_ && cut_size(lock) == 0;                                   // what is not committed yet cannot be sent
  };
  if (!changed_.wait_for(lock, options_.patience, room) || fatal_) return std::unexpected(trouble(lock));
  for (const auto piece : pieces) buffer_ += as_text(piece);
  return {};
}

std::uint64_t S3Writer::length() const {
  const Lock lock(mutex_);
  return taken_ + buffer_.size();
}

Result<void> S3Writer::commit(std::string_view line) {
  const Lock lock(mutex_);
  if (fatal_) return std::unexpected(*fatal_);
  if (sealed_) return fail(ErrorKind::internal, "a sealed file is to be finished");
  pending_ += recorder_text(line);
  committed_ = buffer_.size();
  if (!pending_since_) pending_since_ = std::chrono::steady_clock::now();
  changed_.notify_all();
  return {};
}

// Done already, before an answer or the note of it was lost?
Result<void> S3Writer::expect_complete(const Error& error) {
  const auto size = bucket_->size(name());
  if (size && *size == taken_ + buffer_.size()) return {};
  return std::unexpected(error);
}

// Short: the head and what is in memory are the whole object.
Result<void> S3Writer::put_whole(ByteView head) {
  TRY(bucket_->put(name(), {as_text(head), buffer_}));
  return {};
}

Result<void> S3Writer::complete(ByteView head) {
  auto parts = file_.parts;
  if (last_part_) parts.push_back(*last_part_);
  parts.push_back(TRY(bucket_->upload_part(name(), file_.upload, 1, as_text(head))));
  return bucket_->complete_upload(name(), file_.upload, std::move(parts));
}

// The journal first: whoever finds the object without its journal takes it for somebody else's. The last bytes are not noted
// as a part: while the file is unfinished they are the journal's tail, which is not touched any more before it is finished.
Result<void> S3Writer::seal_file() {
  Lock lock(mutex_);
  if (file_.index < 0) return fail(ErrorKind::internal, "no file is open to be finished");
  if (sealed_) return {};
  TRY(make_durable(lock));
  if (file_.done) return {};
  if (!file_.upload.empty()) TRY(send_last_part());
  sealed_ = true;
  return {};
}

Result<void> S3Writer::send_last_part() {
  if (!buffer_.empty()) {
    auto part = bucket_->upload_part(name(), file_.upload, file_.next_number, buffer_);
    // Completed by one that died before it could note it? finish_file() will see.
    if (!part && !is_no_such_upload(part.error())) return std::unexpected(part.error());
    if (part) last_part_ = *std::move(part);
  }
  taken_ += buffer_.size();
  committed_ = 0;
  std::string().swap(buffer_);
  return {};
}

Result<void> S3Writer::finish_file(ByteView head) {
  if (head.size() != options_.part_size) return fail(ErrorKind::internal, "a head of the wrong size");
  TRY(seal_file());
  Lock lock(mutex_);
  if (file_.done) return expect_complete({ErrorKind::corrupt, name() + " was finished and is gone"});
  auto done = file_.upload.empty() ? put_whole(head) : complete(head);
  if (!done && is_no_such_upload(done.error())) done = expect_complete(done.error());
  if (!done) return done;
  file_.done = true;
  taken_ += buffer_.size();
  buffer_.clear();
  committed_ = 0;
  sealed_ = false;
  last_part_.reset();
  pending_ += done_text(file_.index);
  return make_durable(lock);
}

Result<void> S3Writer::close() {
  Lock lock(mutex_);
  left_ = true;
  if (!changed_.wait_for(lock, options_.finish_patience, [&] { return !busy_; })) return std::unexpected(trouble(lock));
  pending_.clear();
  pending_since_.reset();
  return chunks_.remove_all();
}

}  // namespace aircheck::aws
