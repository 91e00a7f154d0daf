#pragma once
// Live chat beside a recording that is not in a folder. yt-dlp writes into a scratch folder; from there it goes to the store again
// and again, each time whole, and once more at the end. What has grown to `most` is put a last time and gone on with in another
// object ("….live_chat-2.json"), and so does each recorder begin one of its own: no object is ever written by two. That bounds
// the scratch folder, the memory and each transfer, however long and busy the chat is: three times `most` and what comes in
// between two looks.
//
// Whatever becomes of it is logged and touches nothing else: transfers run on a thread of their own. Not thread-safe; must not
// outlive the loop.

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "capture/live_chat.hpp"
#include "recorder/errand.hpp"

namespace aircheck::recorder {

/// Where it goes. Both calls may take long, and come from any thread.
struct ChatStore {
  std::function<Result<void>(const std::string& key, std::string_view text, std::stop_token stop)> put;
  std::function<Result<bool>(const std::string& key)> has;
};

struct ChatUploadOptions {
  std::string key;  // of the recording
  ChatStore store;
  milliseconds first_after{5'000};
  milliseconds every{30'000};
  std::size_t most = 16u << 20;             // bytes of one object, about
  milliseconds patience_at_the_end{3'000};  // with the last transfer
};

class ChatUpload {
 public:
  /// Begins at once. `chat.file` lies in a scratch folder that nobody else writes into.
  ChatUpload(net::Loop& loop, capture::LiveChatOptions chat, ChatUploadOptions options);
  /// Ends yt-dlp, and puts what it has brought.
  ~ChatUpload();
  ChatUpload(const ChatUpload&) = delete;
  ChatUpload& operator=(const ChatUpload&) = delete;

 private:
  void tick();
  void run_ended();
  void send(std::string text, bool is_full);
  void sent(const Result<void>& outcome, std::size_t size, bool is_full);
  Result<void> put(std::string_view text);
  Result<void> find_place();
  void put_the_rest();
  std::string full_file() const { return file_ + ".full"; }

  net::Loop& loop_;
  std::string file_;
  ChatUploadOptions options_;
  std::stop_source stop_;
  int index_ = -1;        // of the present object; -1: not known yet
  std::size_t sent_ = 0;  // bytes of it that the store has
  bool troubled_ = false;
  net::TimerId timer_{};
  Errand errand_;
  std::unique_ptr<capture::LiveChat> chat_;
};

}  // namespace aircheck::recorder
