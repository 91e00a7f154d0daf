#pragma once
// Where `aircheck record` records to: a file, or an object of a bucket ("s3://bucket/key.mkv"). Single-threaded.

#include <memory>
#include <optional>
#include <string>

#include "aircheck/bucket_flags.hpp"
#include "core/ports.hpp"
#include "recorder/chat_upload.hpp"

namespace aircheck::apps {

class RecordTarget {
 public:
  static Result<std::unique_ptr<RecordTarget>> make(const std::string& output, const BucketFlags& flags);
  virtual ~RecordTarget() = default;

  virtual RecordingStore& store() = 0;
  const std::string& key() const { return key_; }
  /// A file of the recording as the user knows it: "/home/me/talk.mkv", "s3://bucket/talk-2.mkv".
  std::string shown(const std::string& key) const { return folder_ + key; }

  struct Chat {
    std::string file;                            // absolute
    std::optional<recorder::ChatStore> store{};  // where it goes from there; none: it stays
  };
  /// Where live chat goes.
  virtual Result<Chat> chat() = 0;

  struct Opened {
    std::unique_ptr<RecordingWriter> writer;  // none: a finished recording is there
    std::optional<std::string> kept_as;       // what was there before, by its new key
  };
  /// `force`: what is there is put aside; `unsupported` in a bucket.
  virtual Result<Opened> open(bool force) = 0;

 protected:
  RecordTarget(std::string key, std::string folder) : key_(std::move(key)), folder_(std::move(folder)) {}

 private:
  std::string key_, folder_;
};

}  // namespace aircheck::apps
