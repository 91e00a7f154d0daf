#include "recorder/chat_upload.hpp"

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <thread>
#include <utility>

#include "base/log.hpp"
#include "capture/chat_file.hpp"
#include "core/names.hpp"

namespace aircheck::recorder {
namespace {

namespace fs = std::filesystem;

constexpr int kMostObjects = 10'000;

std::size_t size_of(const std::string& file) {
  std::error_code error;
  const auto size = fs::file_size(file, error);
  return error ? 0 : static_cast<std::size_t>(size);
}

std::string content_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

ChatUpload::ChatUpload(net::Loop& loop, capture::LiveChatOptions chat, ChatUploadOptions options)
    : loop_(loop), file_(chat.file), options_(std::move(options)), errand_(loop) {
  chat.on_run_ended = [this] { run_ended(); };
  chat_ = std::make_unique<capture::LiveChat>(loop_, std::move(chat));
  timer_ = loop_.after(options_.first_after, [this] { tick(); });
}

ChatUpload::~ChatUpload() {
  loop_.cancel(timer_);
  chat_.reset();
  std::mutex mutex;
  std::condition_variable_any over;
  const std::jthread limit([&](const std::stop_token& done) {
    std::unique_lock lock(mutex);
    over.wait_for(lock, done, options_.patience_at_the_end, [] { return false; });
    if (!done.stop_requested()) stop_.request_stop();
  });
  errand_.settle();
  put_the_rest();
}

void ChatUpload::tick() {
  timer_ = loop_.after(options_.every, [this] { tick(); });
  if (errand_.busy()) return;
  if (size_of(full_file()) > 0) return send(content_of(full_file()), true);
  auto text = capture::read_chat(file_);
  if (!text) return log::warn("live chat: {}", text.error().message);
  if (text->size() >= options_.most) chat_->renew();
  if (text->size() > sent_) send(*std::move(text), false);
}

// All that runs have brought is in the file now.
void ChatUpload::run_ended() {
  if (size_of(file_) < options_.most) return;
  std::error_code error;
  if (size_of(full_file()) == 0) return fs::rename(file_, full_file(), error);
  fs::remove(file_, error);
  log::warn("live chat: nothing of it could be stored for so long that some of it is given up");
}

void ChatUpload::send(std::string text, bool is_full) {
  const auto shared = std::make_shared<std::string>(std::move(text));
  const auto outcome = std::make_shared<Result<void>>();
  errand_.run([this, shared, outcome] { *outcome = put(*shared); },
              [this, shared, outcome, is_full] { sent(*outcome, shared->size(), is_full); });
}

void ChatUpload::sent(const Result<void>& outcome, std::size_t size, bool is_full) {
  if (!outcome && !std::exchange(troubled_, true))
    log::warn("live chat cannot be stored at present: {}", outcome.error().message);
  if (!outcome) return;
  troubled_ = false;
  sent_ = size;
  if (!is_full) return;
  std::error_code error;
  fs::remove(full_file(), error);
  ++index_;
  sent_ = 0;
}

Result<void> ChatUpload::put(std::string_view text) {
  if (index_ < 0) TRY(find_place());
  return options_.store.put(recording_part_key(live_chat_key(options_.key), index_), text, stop_.get_token());
}

// Behind what recorders before have put.
Result<void> ChatUpload::find_place() {
  int index = 0;
  while (TRY(options_.store.has(recording_part_key(live_chat_key(options_.key), index))))
    if (++index == kMostObjects) return fail(ErrorKind::conflict, "there are too many files of it");
  index_ = index;
  return {};
}

void ChatUpload::put_the_rest() {
  if (index_ < 0 && troubled_) return log::warn("the live chat could not be stored");  // nor will it be now
  for (const auto& file : {full_file(), file_}) {
    if (size_of(file) == 0) continue;
    const auto done = put(content_of(file));
    if (!done) return log::warn("the end of the live chat could not be stored: {}", done.error().message);
    ++index_;
  }
}

}  // namespace aircheck::recorder
