// Live chat on its way to a store, with a script in the place of yt-dlp.
#include "recorder/chat_upload.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>

#include "base/scratch_testing.hpp"

namespace aircheck::recorder {
namespace {

namespace fs = std::filesystem;

constexpr auto kChat = "a/talk.live_chat.json", kChat2 = "a/talk.live_chat-2.json";

class ChatUploads : public testing::Test {
 protected:
  // $OUT is where yt-dlp writes to.
  std::unique_ptr<ChatUpload> start(const std::string& script, std::size_t most = 1u << 20) {
    const auto program = (folder_ / "yt-dlp").string();
    std::ofstream(program) << "#!/bin/sh\nwhile [ \"$1\" != --output ]; do shift; done\n"
                           << "OUT=\"${2%/*}/chat.live_chat.json\"\n"
                           << script << "\n";
    fs::permissions(program, fs::perms::owner_all);
    capture::LiveChatOptions chat{.url = "http://h/", .file = (folder_ / "chat.live_chat.json").string(), .yt_dlp = {}};
    chat.yt_dlp = [program] { return capture::SubprocessOptions{.arguments = {program}}; };
    chat.again_after = milliseconds{1};
    return std::make_unique<ChatUpload>(loop_, std::move(chat),
                                        ChatUploadOptions{.key = "a/talk.mkv",
                                                          .store = store(),
                                                          .first_after = milliseconds{1},
                                                          .every = milliseconds{5},
                                                          .most = most,
                                                          .patience_at_the_end = milliseconds{200}});
  }
  ChatStore store() {
    return {.put = [this](const std::string& key, std::string_view text, const std::stop_token& stop) -> Result<void> {
              std::unique_lock lock(mutex_);
              if (hangs_) {
                hangs_stopped_.wait(lock, stop, [] { return false; });
                return fail(ErrorKind::cancelled, "the call was given up");
              }
              if (broken_) return fail(ErrorKind::unavailable, "no bucket today");
              largest_ = std::max(largest_, text.size());
              objects_[key] = text;
              return {};
            },
            .has = [this](const std::string& key) -> Result<bool> {
              const std::lock_guard lock(mutex_);
              if (broken_) return fail(ErrorKind::unavailable, "no bucket today");
              return objects_.contains(key);
            }};
  }
  std::map<std::string, std::string> objects() {
    const std::lock_guard lock(mutex_);
    return objects_;
  }
  void set(bool& flag, bool value) {
    const std::lock_guard lock(mutex_);
    flag = value;
  }
  void run_until(const std::function<bool()>& condition) {
    const auto deadline = net::Loop::now() + seconds{20};
    while (!condition() && net::Loop::now() < deadline) loop_.run_once(milliseconds{5});
    EXPECT_TRUE(condition());
  }

  ScratchFolder scratch_;
  const fs::path& folder_ = scratch_.path();
  net::Loop loop_{{}};
  std::mutex mutex_;
  std::condition_variable_any hangs_stopped_;
  std::map<std::string, std::string> objects_;
  std::size_t largest_ = 0;
  bool broken_ = false, hangs_ = false;
};

// In short steps: a shell that is interrupted just before it forks a long sleep sleeps on.
constexpr auto kTwoLines =
    "trap 'echo last >> \"$OUT.part\"; exit 1' INT\n"
    "printf 'first\\nhalf a li' >> \"$OUT.part\"\nwhile :; do sleep 0.05; done";

TEST_F(ChatUploads, are_there_while_it_is_recorded_and_whole_at_the_end) {
  {
    const auto upload = start(kTwoLines);
    run_until([this] { return objects()[kChat] == "first\n"; });
  }
  EXPECT_EQ(objects()[kChat], "first\nhalf a lilast\n");
  EXPECT_EQ(objects().size(), 1u);
}

TEST_F(ChatUploads, leave_alone_what_another_recorder_has_put) {
  objects_[kChat] = "before\n";
  {
    const auto upload = start(kTwoLines);
    run_until([this] { return objects()[kChat2] == "first\n"; });
  }
  EXPECT_EQ(objects()[kChat], "before\n");
}

TEST_F(ChatUploads, go_on_in_another_object_when_one_is_full) {
  {
    // Each run goes on where the one before has left off.
    const auto upload = start("N=$(cat \"" + (folder_ / "n").string() +
                                  "\" 2>/dev/null || echo 0)\n"
                                  "trap 'exit 1' INT\n"
                                  "while :; do N=$((N + 1)); echo \"line $N\" >> \"$OUT.part\"; echo $N > \"" +
                                  (folder_ / "n").string() + "\"; sleep 0.001; done",
                              400);
    run_until([this] { return objects().size() >= 4; });
  }
  std::string all;
  const auto kept = objects();
  for (int i = 1; kept.contains(i == 1 ? kChat : "a/talk.live_chat-" + std::to_string(i) + ".json"); ++i)
    all += kept.at(i == 1 ? kChat : "a/talk.live_chat-" + std::to_string(i) + ".json");
  int last = 0;
  for (std::size_t at = 0; at < all.size();) {
    const auto end = all.find('\n', at);
    const auto number = std::stoi(all.substr(at + 5, end - at - 5));
    EXPECT_TRUE(number == last + 1 || number == last) << number << " after " << last;
    last = number;
    at = end + 1;
  }
  EXPECT_GT(last, 100);
}

TEST_F(ChatUploads, come_later_where_the_store_is_broken) {
  set(broken_, true);
  const auto upload = start(kTwoLines);
  for (int i = 0; i < 20; ++i) loop_.run_once(milliseconds{5});
  EXPECT_TRUE(objects().empty());
  set(broken_, false);
  run_until([this] { return objects()[kChat] == "first\n"; });
}

TEST_F(ChatUploads, hold_up_no_end) {
  set(hangs_, true);
  auto upload = start(kTwoLines);
  for (int i = 0; i < 20; ++i) loop_.run_once(milliseconds{5});
  const auto began = net::Loop::now();
  upload.reset();
  EXPECT_LT(net::Loop::now() - began, seconds{10});
  EXPECT_TRUE(objects().empty());
}

TEST_F(ChatUploads, of_nothing_put_nothing) {
  {
    const auto upload = start("exit 1");
    for (int i = 0; i < 20; ++i) loop_.run_once(milliseconds{5});
  }
  EXPECT_TRUE(objects().empty());
}

}  // namespace
}  // namespace aircheck::recorder
