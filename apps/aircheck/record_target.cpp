#include "aircheck/record_target.hpp"

#include <fmt/core.h>

#include <filesystem>

#include "aircheck/chat_scratch.hpp"
#include "aircheck/signals.hpp"
#include "core/names.hpp"
#include "files/folder_replacement.hpp"
#include "files/folder_store.hpp"

namespace aircheck::apps {
namespace {

namespace fs = std::filesystem;

class FileTarget final : public RecordTarget {
 public:
  explicit FileTarget(const fs::path& path)
      : RecordTarget(path.filename().string(), (path.parent_path() / "").string()),
        path_(path),
        store_(path.parent_path()) {}

  RecordingStore& store() override { return store_; }
  Result<Chat> chat() override { return Chat{.file = live_chat_key(path_.string())}; }

  Result<Opened> open(bool force) override {
    Opened opened;
    std::error_code ignored;
    fs::create_directories(path_.parent_path(), ignored);
    if (force) opened.kept_as = TRY(store_.put_aside(key()));
    const bool is_unfinished = fs::exists(fs::path(journal_key(path_.string())));
    if (store_.size(key()).has_value() && !is_unfinished) return opened;
    opened.writer = TRY(store_.open(key()));
    return opened;
  }

 private:
  const fs::path path_;
  files::FolderStore store_;
};

class ObjectTarget final : public RecordTarget {
 public:
  ObjectTarget(const cloud::Bucket& bucket, std::string key)
      : RecordTarget(std::move(key), fmt::format("s3://{}/", bucket.name)),
        store_(account_.client, cloud::bucket_options(bucket), cloud::writer_options(bucket), files::temporary_file) {}

  RecordingStore& store() override { return store_; }
  Result<Chat> chat() override {
    scratch_ = TRY(ChatScratch::make());
    return Chat{.file = scratch_->path() + "/chat.live_chat.json", .store = chat_store(store_)};
  }

  Result<Opened> open(bool force) override {
    if (force) return fail(ErrorKind::unsupported, "--force puts files aside only; name another key");
    Opened opened;
    opened.writer = TRY(store_.open(key()));
    // Asked after opening, which has cleared away what was left before a first commit.
    if (!opened.writer->journal().empty()) return opened;
    const auto size = store_.size(key());
    if (size) opened.writer.reset();
    else if (size.error().kind != ErrorKind::not_found) return std::unexpected(size.error());
    return opened;
  }

 private:
  cloud::Account account_{Signals::insist};
  aws::S3Store store_;
  std::unique_ptr<ChatScratch> scratch_;
};

}  // namespace

Result<std::unique_ptr<RecordTarget>> RecordTarget::make(const std::string& output, const BucketFlags& flags) {
  if (!is_bucket_url(output)) return std::make_unique<FileTarget>(fs::absolute(output));
  auto bucket = TRY(bucket_from(output, flags));
  auto key = std::exchange(bucket.prefix, "");
  key.erase(0, 1);
  if (!is_safe_key(key)) return fail(ErrorKind::invalid_input, fmt::format("'{}' names no object of a bucket", output));
  return std::make_unique<ObjectTarget>(bucket, std::move(key));
}

}  // namespace aircheck::apps
