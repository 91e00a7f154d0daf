#pragma once
// A stream's live chat, fetched by a yt-dlp of its own beside the recording for as long as the object lives. Whatever becomes
// of it is logged and touches nothing else. Not thread-safe; must not outlive the loop.

#include <functional>
#include <memory>
#include <string>

#include "capture/subprocess.hpp"
#include "net/loop.hpp"

namespace aircheck::capture {

struct LiveChatOptions {
  std::string url;                            // of the video's page
  std::string file;                           // "….live_chat.json", absolute; see chat_file.hpp
  std::function<SubprocessOptions()> yt_dlp;  // a run of it, without what it is to do
  milliseconds again_after{60'000};           // when it ends although the stream goes on
  milliseconds patience_at_the_end{2'000};    // before it is killed
  std::function<void()> on_run_ended{};       // what it has brought is in the file
};

class LiveChat {
 public:
  /// Begins at once; goes on with what is in the file.
  LiveChat(net::Loop& loop, LiveChatOptions options);
  /// Ends yt-dlp by SIGINT, and keeps what it has brought.
  ~LiveChat();
  LiveChat(const LiveChat&) = delete;
  LiveChat& operator=(const LiveChat&) = delete;

  /// Ends the present run, so that what it has brought gets into the file, and begins another. YouTube's page shows the latest
  /// messages again, so that none is missed in between.
  void renew();

 private:
  void run();
  void ended(const Result<SubprocessResult>& result);
  std::uint64_t gather();

  net::Loop& loop_;
  LiveChatOptions options_;
  std::unique_ptr<Subprocess> process_;
  bool renewing_ = false;
  int empty_runs_ = 0;  // in a row
  net::TimerId again_{};
};

}  // namespace aircheck::capture
