#pragma once
// Recordings in a bucket of S3 or of any server that speaks it. A recording under way is not readable there: it becomes an
// object when it is finished. Thread-safe.

#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "aws/s3_bucket.hpp"
#include "aws/s3_writer.hpp"
#include "core/ports.hpp"

namespace aircheck::aws {

class S3Store final : public RecordingStore {
 public:
  using MakeScratch = std::function<Result<std::unique_ptr<ScratchFile>>()>;

  /// Borrows the client. Without `scratch` there is no room for a repair.
  S3Store(Client& client, BucketOptions bucket, S3WriterOptions writer = {}, MakeScratch scratch = {});

  /// `conflict` when this process writes it. Other processes are kept out by the job's lease and, should they not heed it, by
  /// the journal's conditional writes: the later one to open goes on, the other one gets `conflict`.
  Result<std::unique_ptr<RecordingWriter>> open(std::string_view key) override;
  /// `not_found` for a recording that is not finished.
  Result<std::uint64_t> size(std::string_view key) override;
  Result<std::size_t> read(std::string_view key, std::uint64_t offset, std::span<std::byte> out) override;
  /// Also ends the uploads of an unfinished one.
  Result<void> remove(std::string_view key) override;
  /// `conflict` when this process does so already; of two processes the later one goes on.
  Result<std::unique_ptr<RecordingReplacement>> replace(std::string_view key, std::size_t head_size) override;
  Result<std::unique_ptr<ScratchFile>> scratch(std::string_view key) override;

  /// Puts what stands beside a recording, such as live chat, in place of what was there; `stop` gives up. remove() of the recording
  /// removes it too where it is named as live_chat_key() says.
  Result<void> put_beside(std::string_view key, std::string_view content, std::stop_token stop = {});

  /// A URL that anyone may GET for `validity`, at most seven days, answered with this Content-Disposition.
  Result<std::string> presign(std::string_view key, seconds validity, std::string_view disposition = {});
  /// Where those URLs lead: "https://host[:port]".
  std::string origin() const;

 private:
  struct Open;
  Result<std::shared_ptr<void>> enter(std::string_view key);
  Result<S3Journal> read_journal(std::string_view key);
  Result<S3Journal> claim(std::string_view key);
  Result<void> end_uploads(std::string_view key);

  std::shared_ptr<S3Bucket> bucket_;
  S3WriterOptions options_;
  MakeScratch scratch_;
  std::shared_ptr<Open> open_;  // writers share it
};

}  // namespace aircheck::aws
