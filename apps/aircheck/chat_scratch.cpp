#include "aircheck/chat_scratch.hpp"

#include <fmt/core.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace aircheck::apps {

namespace fs = std::filesystem;

Result<std::unique_ptr<ChatScratch>> ChatScratch::make() {
  std::error_code error;
  auto path = (fs::temp_directory_path(error) / "aircheck-chat-XXXXXX").string();
  if (error || !::mkdtemp(path.data()))
    return fail(ErrorKind::io,
                fmt::format("no folder for live chat: {}", error ? error.message() : std::strerror(errno)));
  return std::make_unique<ChatScratch>(std::move(path));
}

ChatScratch::~ChatScratch() {
  std::error_code error;
  fs::remove_all(path_, error);
}

recorder::ChatStore chat_store(aws::S3Store& bucket) {
  return {.put = [&bucket](const std::string& key, std::string_view text,
                           std::stop_token stop) { return bucket.put_beside(key, text, std::move(stop)); },
          .has = [&bucket](const std::string& key) -> Result<bool> {
            const auto size = bucket.size(key);
            if (!size && size.error().kind != ErrorKind::not_found) return std::unexpected(size.error());
            return size.has_value();
          }};
}

}  // namespace aircheck::apps
