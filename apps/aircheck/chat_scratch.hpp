#pragma once
// What live chat needs that goes into a bucket: a folder to write into meanwhile, in TMPDIR, and the way from there.

#include <memory>
#include <string>

#include "aws/s3_store.hpp"
#include "recorder/chat_upload.hpp"

namespace aircheck::apps {

/// Goes with all that is in it when the object does.
class ChatScratch {
 public:
  static Result<std::unique_ptr<ChatScratch>> make();
  explicit ChatScratch(std::string path) : path_(std::move(path)) {}
  ~ChatScratch();
  ChatScratch(const ChatScratch&) = delete;
  ChatScratch& operator=(const ChatScratch&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// Borrows the bucket.
recorder::ChatStore chat_store(aws::S3Store& bucket);

}  // namespace aircheck::apps
