#pragma once
// A recording that goes into a bucket as it is made, without a disk. What was appended waits in memory until it is a part;
// one thread of the writer's own sends parts and the journal and finishes the file, so that a bucket that is slow or silent
// holds up no recorder: it is told `unavailable` after a moment, and asks again. The head is part 1 and goes last, for parts
// cannot be read back or changed.
//
// After SIGKILL a successor, on whichever machine, has what was durable: the parts, and up to `flush_interval` ago the bytes
// behind them, which the journal carries. Driven by one recorder; not thread-safe.

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "aws/part_buffer.hpp"
#include "aws/s3_bucket.hpp"
#include "aws/s3_chunks.hpp"
#include "aws/s3_journal.hpp"
#include "core/ports.hpp"

namespace aircheck::aws {

struct S3WriterOptions {
  std::size_t part_size = 5u << 20;     // the head's, and the smallest that S3 takes
  bool equal_parts = false;             // R2: all but the last of the same size; their size then bounds the recording
  int most_parts = 10'000;              // S3's limit
  milliseconds flush_interval{10'000};  // how old what is committed may grow before it is durable
  // How long append() waits for a bucket that falls behind, and the calls of a file's end for one that needs time. No
  // segment is fetched meanwhile.
  milliseconds patience{250}, finish_patience{250};
  milliseconds close_patience{20'000};
  milliseconds farewell{8'000};  // how long the destructor tries to make durable what is committed
  milliseconds retry_after{1'000};
};

/// Bytes at which part `number` is cut: the smallest size for 4,000 parts (20 GiB), then growing, so that 10,000 parts hold
/// more than 200 GiB while a recording of usual length needs little memory.
std::size_t part_size_at(int number, const S3WriterOptions& options);

class S3Writer final : public RecordingWriter {
 public:
  /// `registration` lives as long as the writer: the store's note that the recording is being written.
  S3Writer(std::shared_ptr<S3Bucket> bucket, std::string key, S3Journal journal, S3WriterOptions options,
           std::shared_ptr<void> registration);
  ~S3Writer() override;

  const std::vector<std::string>& journal() const override { return journal_lines_; }
  std::size_t head_size() const override { return options_.part_size; }
  Result<void> begin_file(int index, ByteView head) override;
  Result<void> reopen_file(int index, std::uint64_t length) override;
  /// `unavailable` while the bucket is behind or cannot be reached: to be tried again.
  Result<void> append(std::span<const ByteView> pieces) override;
  std::uint64_t length() const override;
  Result<void> commit(std::string_view line) override;
  /// Both `unavailable` until the bucket has done it: to be called again.
  Result<void> seal_file() override;
  Result<void> finish_file(Bytes head) override;
  Result<void> close() override;

 private:
  using Lock = std::unique_lock<std::mutex>;
  using SteadyTime = std::chrono::steady_clock::time_point;
  // Sealed: all but the head is in the bucket, or will be put with it.
  enum class Stage { open, sealed, finished };
  // One durable step: a part, if there is one, then the journal with what belongs to it. The last two bring the file to its
  // next stage, before or behind that.
  struct Step {
    PartBuffer part;
    std::string text;
    std::size_t tail = 0;  // bytes behind the part that are committed
    bool noted = false;
    bool seals = false, finishes = false;
  };

  // The sending thread.
  void send_all(const std::stop_token& stop);
  bool is_due(const Lock& lock) const;
  std::optional<SteadyTime> deadline(const Lock& lock) const;
  Step next_step(Lock& lock);
  std::string noted(const std::string& text) const;
  Result<void> note(const std::string& text, const Pieces& tail, const std::stop_token& stop);
  Result<void> note_with_buffer(const Step& step, const std::stop_token& stop);
  Result<void> begin_upload(const PartBuffer& part, const std::stop_token& stop);
  Result<void> send_part(Step& step, const std::stop_token& stop);
  Result<void> send_last_part(const std::stop_token& stop);
  Pieces filled_head() const;
  Result<void> put_whole(const std::stop_token& stop);
  Result<void> complete_upload(const std::stop_token& stop);
  Result<void> expect_complete(const Error& error, const std::stop_token& stop);
  Result<void> finish(Step& step, const std::stop_token& stop);
  Result<void> carry_out(Step& step, const std::stop_token& stop);
  void repeat(Lock& lock, Step& step, const std::stop_token& stop);
  bool note_failure(const Lock& lock, const Step& step, const Error& error);

  // The recorder's side.
  std::size_t cut_size(const Lock& lock) const;
  Error trouble(const Lock& lock) const;
  template <class Done>
  Result<void> wait_for(Lock& lock, milliseconds patience, Done done);
  template <class Done>
  bool wait_long(Lock& lock, milliseconds patience, Done done);
  std::string name() const;

  const std::shared_ptr<S3Bucket> bucket_;
  const std::string key_;
  const S3WriterOptions options_;
  const std::shared_ptr<void> registration_;
  std::vector<std::string> journal_lines_;

  // The sending thread's alone while it is busy.
  S3Chunks chunks_;
  std::size_t noted_tail_ = 0;  // bytes of the tail that the journal holds
  bool file_noted_ = false;     // the journal knows of file_

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  S3File file_;                // changed by the sending thread alone while it is busy
  PartBuffer buffer_;          // bytes of the file behind `taken_`
  std::uint64_t taken_ = 0;    // bytes of the file that are parts, or under way to be; head included
  std::size_t committed_ = 0;  // of buffer_
  std::string pending_;        // journal text that is not durable yet
  std::optional<SteadyTime> pending_since_;
  std::optional<Error> fatal_, trouble_;
  std::optional<Error> refused_;  // why the file cannot be finished
  bool busy_ = false;
  bool hurry_ = false;   // make everything durable at once
  bool left_ = false;    // nothing more is to be made durable
  bool behind_ = false;  // the recorder has waited in vain the last time
  Stage stage_ = Stage::open, wanted_ = Stage::open;
  Bytes head_;                             // of a file that is to be finished
  std::optional<UploadedPart> last_part_;  // of a sealed file; the journal has its bytes as the tail
  std::jthread sender_;
};

}  // namespace aircheck::aws
