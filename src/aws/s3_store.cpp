#include "aws/s3_store.hpp"

#include <fmt/core.h>

#include "aws/s3_replacement.hpp"
#include "core/names.hpp"

namespace aircheck::aws {
namespace {

Result<void> check_key(std::string_view key) {
  if (is_safe_key(key)) return {};
  return fail(ErrorKind::invalid_input, fmt::format("'{}' cannot be the name of a recording", key));
}

// The recording's own names among those that begin like it: "a.mkv", "a-2.mkv", "a.mkv.journal", "a.mkv.journal.1",
// "a.live_chat.json", "a.live_chat-2.json".
bool belongs_to(std::string_view name, std::string_view recording) {
  if (name == recording) return true;
  const auto journal = journal_key(recording);
  if (name.starts_with(journal)) return name.size() == journal.size() || name[journal.size()] == '.';
  const auto chat = live_chat_key(recording);
  if (name == chat) return true;
  for (int index = 1; index < 1000; ++index)
    if (name == recording_part_key(recording, index) || name == recording_part_key(chat, index)) return true;
  return false;
}

std::string_view stem_of(std::string_view key) {
  const auto dot = key.rfind('.');
  const auto slash = key.rfind('/');
  return dot == std::string_view::npos || (slash != std::string_view::npos && dot < slash) ? key : key.substr(0, dot);
}

}  // namespace

// The recordings that this process writes.
struct S3Store::Open {
  std::mutex mutex;
  std::set<std::string, std::less<>> keys;
};

S3Store::S3Store(Client& client, BucketOptions bucket, S3WriterOptions writer, MakeScratch scratch)
    : bucket_(std::make_shared<S3Bucket>(client, std::move(bucket))),
      options_(writer),
      scratch_(std::move(scratch)),
      open_(std::make_shared<Open>()) {}

Result<std::shared_ptr<void>> S3Store::enter(std::string_view key) {
  const std::lock_guard lock(open_->mutex);
  const auto [entry, is_new] = open_->keys.emplace(key);
  if (!is_new) return fail(ErrorKind::conflict, fmt::format("{} is being written", key));
  // Whatever the pointer's owner does, the key is given back when the last one lets go.
  return std::shared_ptr<void>(nullptr, [open = open_, name = *entry](void*) {
    const std::lock_guard leaving(open->mutex);
    open->keys.erase(name);
  });
}

Result<S3Journal> S3Store::read_journal(std::string_view key) {
  S3Journal journal;
  for (;;) {
    auto chunk = bucket_->get(chunk_key(key, journal.chunks));
    if (!chunk && chunk.error().kind == ErrorKind::not_found &&
        chunk.error().message.find("NoSuchBucket") == std::string::npos)
      return journal;
    const auto got = TRY(std::move(chunk));
    if (!TRY(journal.add_chunk(got.body, got.etag))) return journal;
  }
}

Result<void> S3Store::end_uploads(std::string_view key) {
  for (const auto& upload : TRY(bucket_->uploads_of(key))) TRY(bucket_->abort_upload(key, upload));
  return {};
}

// From here on nobody else can write the journal, not even one that was frozen before it had written anything.
Result<S3Journal> S3Store::claim(std::string_view key) {
  constexpr int kAttempts = 5;  // the one before may be writing at this very moment
  for (int attempt = 1;; ++attempt) {
    auto journal = TRY(read_journal(key));
    if (journal.chunks == 0 && bucket_->size(key)) return journal;  // finished: there is nothing to take
    S3Chunks chunks(*bucket_, std::string(key), journal);
    const auto done = chunks.write(opened_text(), {as_text(journal.tail)}, {});
    if (done) return read_journal(key);
    if (done.error().kind != ErrorKind::conflict || attempt == kAttempts) return std::unexpected(done.error());
  }
}

Result<std::unique_ptr<RecordingWriter>> S3Store::open(std::string_view key) {
  TRY(check_key(key));
  auto registration = TRY(enter(key));
  auto journal = TRY(claim(key));
  const auto& file = journal.file;
  if (!file) TRY(end_uploads(key));  // of a recorder that died before it could note them
  else if (file->upload.empty() && !file->done) TRY(end_uploads(recording_part_key(key, file->index)));
  return std::make_unique<S3Writer>(bucket_, std::string(key), std::move(journal), options_, std::move(registration));
}

Result<std::uint64_t> S3Store::size(std::string_view key) {
  TRY(check_key(key));
  return bucket_->size(key);
}

Result<std::size_t> S3Store::read(std::string_view key, std::uint64_t offset, std::span<std::byte> out) {
  TRY(check_key(key));
  return bucket_->read(key, offset, out);
}

Result<void> S3Store::remove(std::string_view key) {
  TRY(check_key(key));
  const auto registration = TRY(enter(key));
  const auto journal = TRY(read_journal(key));
  if (journal.file && !journal.file->upload.empty() && !journal.file->done)
    TRY(bucket_->abort_upload(recording_part_key(key, journal.file->index), journal.file->upload));
  TRY(end_uploads(key));
  for (const auto& name : TRY(bucket_->list(stem_of(key))))
    if (belongs_to(name, key)) TRY(bucket_->remove(name));
  return {};
}

Result<std::unique_ptr<RecordingReplacement>> S3Store::replace(std::string_view key, std::size_t head_size) {
  TRY(check_key(key));
  TRY(bucket_->size(key));
  auto registration = TRY(enter(fmt::format("{} made anew", key)));
  TRY(end_uploads(key));  // of one that was killed
  return std::make_unique<S3Replacement>(bucket_, std::string(key), head_size, options_, std::move(registration));
}

Result<std::unique_ptr<ScratchFile>> S3Store::scratch(std::string_view key) {
  return scratch_ ? scratch_() : RecordingStore::scratch(key);
}

Result<void> S3Store::put_beside(std::string_view key, std::string_view content, std::stop_token stop) {
  TRY(check_key(key));
  TRY(bucket_->put(key, {content}, {}, std::move(stop)));
  return {};
}

Result<std::string> S3Store::presign(std::string_view key, seconds validity, std::string_view disposition) {
  TRY(check_key(key));
  return bucket_->presign(key, validity, disposition);
}

std::string S3Store::origin() const { return bucket_->origin(); }

}  // namespace aircheck::aws
