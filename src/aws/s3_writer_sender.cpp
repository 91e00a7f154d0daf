// The sending thread of S3Writer: what the recorder has committed goes into the bucket, step by step, each repeated until it is
// done.
#include <algorithm>
#include <array>
#include <iterator>

#include "aws/s3_writer.hpp"
#include "base/log.hpp"

namespace aircheck::aws {
namespace {

// What no repetition heals: somebody else has the recording, or what it consists of is gone.
bool is_fatal(const Error& error) { return error.kind == ErrorKind::conflict || is_no_such_upload(error); }

}  // namespace

std::size_t S3Writer::cut_size(const Lock&) const {
  if (file_.next_number >= options_.most_parts) return 0;  // the last number is for the file's end
  if (options_.equal_parts) return committed_ >= options_.part_size ? options_.part_size : 0;
  const bool old = pending_since_ && std::chrono::steady_clock::now() - *pending_since_ >= options_.flush_interval;
  const bool in_haste = hurry_ || wanted_ > stage_;
  const auto least = old || in_haste ? options_.part_size : part_size_at(file_.next_number, options_);
  return committed_ >= least ? committed_ : 0;
}

std::optional<S3Writer::SteadyTime> S3Writer::deadline(const Lock&) const {
  if (!pending_since_ || left_ || fatal_) return {};
  return *pending_since_ + options_.flush_interval;
}

bool S3Writer::is_due(const Lock& lock) const {
  if (left_ || fatal_) return false;
  if (wanted_ > stage_) return true;
  if (!pending_since_) return false;
  return hurry_ || cut_size(lock) > 0 || std::chrono::steady_clock::now() >= *deadline(lock);
}

S3Writer::Step S3Writer::next_step(Lock& lock) {
  Step step;
  if (const auto size = cut_size(lock); size > 0) {
    step.part = buffer_.cut(size);
    taken_ += size;
    committed_ -= size;
  }
  step.text = std::exchange(pending_, "");
  step.tail = committed_;
  const bool is_last = wanted_ > stage_ && cut_size(lock) == 0;
  step.seals = is_last && stage_ == Stage::open;
  step.finishes = is_last && stage_ == Stage::sealed;
  pending_since_.reset();
  return step;
}

std::string S3Writer::noted(const std::string& text) const {
  return file_noted_ ? text : file_text(file_.index) + text;
}

Result<void> S3Writer::note(const std::string& text, const Pieces& tail, const std::stop_token& stop) {
  TRY(chunks_.write(noted(text), tail, stop));
  file_noted_ = true;
  noted_tail_ = size_of(tail);
  return {};
}

// A tail may be as long as a part: it is sent from where it lies.
Result<void> S3Writer::note_with_buffer(const Step& step, const std::stop_token& stop) {
  Lock lock(mutex_);
  const auto tail = buffer_.first(step.tail);
  lock.unlock();
  return note(step.text, tail, stop);
}

// An upload is noted before it is used: one that nobody knows of is paid for until a rule of the bucket ends it. What the
// journal's tail holds by now must stay there until it is a part.
Result<void> S3Writer::begin_upload(const PartBuffer& part, const std::stop_token& stop) {
  const auto upload = TRY(bucket_->create_upload(name(), stop));
  const auto text = upload_text(file_.index, upload);
  TRY(note(text, part.first(noted_tail_), stop));
  const Lock lock(mutex_);
  file_.upload = upload;
  return {};
}

Result<void> S3Writer::send_part(Step& step, const std::stop_token& stop) {
  if (file_.upload.empty()) TRY(begin_upload(step.part, stop));
  const auto part = TRY(bucket_->upload_part(name(), file_.upload, file_.next_number, step.part.all(), stop));
  step.text += part_text(file_.index, part);
  const Lock lock(mutex_);
  file_.parts.push_back(part);
  ++file_.next_number;
  buffer_.recycle(std::move(step.part));
  return {};
}

// The last bytes are not noted as a part: while the file is unfinished they are the journal's tail, which is not touched any
// more before it is finished.
Result<void> S3Writer::send_last_part(const std::stop_token& stop) {
  if (file_.done || file_.upload.empty()) return {};
  std::optional<UploadedPart> last;
  if (!buffer_.empty()) {
    auto part = bucket_->upload_part(name(), file_.upload, file_.next_number, buffer_.all(), stop);
    // Completed by one that died before it could note it? finish() will see.
    if (!part && !is_no_such_upload(part.error())) return std::unexpected(part.error());
    if (part) last = *std::move(part);
  }
  const Lock lock(mutex_);
  last_part_ = std::move(last);
  taken_ += buffer_.size();
  committed_ = 0;
  buffer_ = {};
  return {};
}

// The head as it is sent: what it leaves of its part is zeros, which need no memory of their own.
Pieces S3Writer::filled_head() const {
  static constexpr std::array<char, 16'384> kZeros{};
  Pieces pieces{as_text(head_)};
  for (auto left = options_.part_size - head_.size(); left > 0; left -= pieces.back().size())
    pieces.emplace_back(kZeros.data(), std::min(left, kZeros.size()));
  return pieces;
}

// Short: the head and what is in memory are the whole object.
Result<void> S3Writer::put_whole(const std::stop_token& stop) {
  auto whole = filled_head();
  std::ranges::copy(buffer_.all(), std::back_inserter(whole));
  TRY(bucket_->put(name(), whole, {}, stop));
  return {};
}

Result<void> S3Writer::complete_upload(const std::stop_token& stop) {
  auto parts = file_.parts;
  if (last_part_) parts.push_back(*last_part_);
  parts.push_back(TRY(bucket_->upload_part(name(), file_.upload, 1, filled_head(), stop)));
  return bucket_->complete_upload(name(), file_.upload, std::move(parts), stop);
}

// Done already, before an answer or the note of it was lost?
Result<void> S3Writer::expect_complete(const Error& error, const std::stop_token& stop) {
  const auto size = bucket_->size(name(), stop);
  if (size && *size == taken_ + buffer_.size()) return {};
  if (!size && may_pass(size.error().kind)) return std::unexpected(size.error());
  return std::unexpected(error);
}

Result<void> S3Writer::finish(Step& step, const std::stop_token& stop) {
  if (file_.done) return expect_complete({ErrorKind::corrupt, name() + " was finished and is gone"}, stop);
  const auto done = file_.upload.empty() ? put_whole(stop) : complete_upload(stop);
  if (!done && !is_no_such_upload(done.error())) return done;
  if (!done) TRY(expect_complete(done.error(), stop));
  step.text += done_text(file_.index);
  step.tail = 0;
  const Lock lock(mutex_);
  file_.done = true;
  taken_ += buffer_.size();
  buffer_ = {};
  committed_ = 0;
  last_part_.reset();
  Bytes().swap(head_);
  return {};
}

// A step that was carried out in part goes on where it stopped. The journal goes before a file's last part: that fails for a
// recorder that was frozen while another one took over, and whoever finds an object without its journal takes it for somebody
// else's.
Result<void> S3Writer::carry_out(Step& step, const std::stop_token& stop) {
  if (!step.part.empty()) TRY(send_part(step, stop));
  if (step.finishes) TRY(finish(step, stop));
  if (!step.noted) TRY(note_with_buffer(step, stop));
  step.noted = true;
  if (step.seals) TRY(send_last_part(stop));
  return {};
}

// Whether a repetition may heal it.
bool S3Writer::note_failure(const Lock&, const Step& step, const Error& error) {
  if (is_fatal(error)) {
    fatal_ = is_no_such_upload(error)
                 ? Error{ErrorKind::not_found, "the upload was ended by somebody else: " + error.message}
                 : error;
    return false;
  }
  if ((step.seals || step.finishes) && step.part.empty() && !may_pass(error.kind)) {
    refused_ = error;
    wanted_ = stage_;
    return false;
  }
  if (!trouble_) log::error("the bucket does not take the recording: {}", error.message);
  trouble_ = error;
  return true;
}

void S3Writer::repeat(Lock& lock, Step& step, const std::stop_token& stop) {
  while (!stop.stop_requested() && !fatal_ && !left_) {
    lock.unlock();
    const auto done = carry_out(step, stop);
    lock.lock();
    if (done) {
      if (trouble_) log::info("the bucket takes the recording again");
      trouble_.reset();
      if (step.seals) stage_ = Stage::sealed;
      if (step.finishes) stage_ = Stage::finished;
      return;
    }
    if (stop.stop_requested() || !note_failure(lock, step, done.error())) return;
    changed_.notify_all();
    changed_.wait_for(lock, stop, options_.retry_after, [] { return false; });
  }
}

void S3Writer::send_all(const std::stop_token& stop) {
  Lock lock(mutex_);
  while (!stop.stop_requested()) {
    const auto due = [&] { return is_due(lock); };
    if (!due()) {
      if (const auto until = deadline(lock)) changed_.wait_until(lock, stop, *until, due);
      else changed_.wait(lock, stop, [&] { return due() || deadline(lock).has_value(); });
      continue;
    }
    auto step = next_step(lock);
    busy_ = true;
    repeat(lock, step, stop);
    // The recorder may begin the file again; what it has said of gaps must not be forgotten.
    if (fatal_ && fatal_->kind == ErrorKind::not_found) pending_.insert(0, step.text);
    busy_ = false;
    changed_.notify_all();
  }
}

}  // namespace aircheck::aws
