#include "capture/live_chat.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/scratch_testing.hpp"
#include "capture/chat_file.hpp"

namespace aircheck::capture {
namespace {

namespace fs = std::filesystem;

class ChatFolder : public testing::Test {
 protected:
  void write(const fs::path& path, std::string_view text) const {
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
  }
  std::string kept() const {
    std::ifstream in(file(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }
  std::string file() const { return folder_ / "a talk.live_chat.json"; }

  ScratchFolder scratch_;
  const fs::path& folder_ = scratch_.path();
};

using ChatFile = ChatFolder;

TEST_F(ChatFile, grows_by_what_runs_have_left) {
  write(file(), "1\n");
  write(folder_ / "a talk.chat-7" / "chat.live_chat.json.part", "2\n3\nhalf a li");
  write(folder_ / "a talk.chat-7" / "chat.live_chat.json.part-Frag9", "no line");
  EXPECT_EQ(gather_chat(file()), 4u);
  EXPECT_EQ(kept(), "1\n2\n3\n");
  EXPECT_EQ(gather_chat(file()), 0u);
  write(folder_ / "a talk.chat-8" / "chat.mp4.live_chat.json", "4\n");
  write(folder_ / "another.chat-8" / "chat.live_chat.json", "somebody else's\n");
  EXPECT_EQ(gather_chat(file()), 2u);
  EXPECT_EQ(kept(), "1\n2\n3\n4\n");
  EXPECT_EQ(entries(), 2u) << "the other one's folder stays";
}

TEST_F(ChatFile, is_read_with_what_is_still_written) {
  write(file(), "1\n");
  write(folder_ / "a talk.chat-7" / "chat.live_chat.json.part", "2\n3\nhalf a li");
  EXPECT_EQ(read_chat(file()).value(), "1\n2\n3\n");
  EXPECT_EQ(kept(), "1\n") << "nothing is moved";
  fs::remove(file());
  EXPECT_EQ(read_chat(file()).value(), "2\n3\n");
  EXPECT_EQ(read_chat((folder_ / "another.live_chat.json").string()).value(), "");
}

TEST_F(ChatFile, of_many_blocks_keeps_every_line) {
  std::string text;
  for (int i = 0; i < 30'000; ++i) text += "line " + std::to_string(i) + "\n";
  write(folder_ / "a talk.chat-7" / "chat.live_chat.json.part", text + std::string(100'000, 'x'));
  EXPECT_EQ(gather_chat(file()), text.size());
  EXPECT_EQ(kept(), text);
}

TEST_F(ChatFile, is_not_there_where_nothing_came) {
  ASSERT_TRUE(make_chat_folder(file()));
  EXPECT_EQ(entries(), 1u);
  EXPECT_EQ(gather_chat(file()), 0u);
  EXPECT_EQ(entries(), 0u);
}

// In short steps: a shell that is interrupted just before it forks a long sleep sleeps on.
const std::string kWait = "while :; do sleep 0.05; done";
const auto kUntilInterrupted = "trap 'echo last >> \"$OUT.part\"; exit 1' INT\necho first >> \"$OUT.part\"\n" + kWait;

// A script in the place of yt-dlp; $OUT is where it writes to.
class LiveChats : public ChatFolder {
 protected:
  LiveChatOptions options(const std::string& script) const {
    const auto program = folder_.string() + ".sh";
    std::ofstream(program) << "#!/bin/sh\nwhile [ \"$1\" != --output ]; do shift; done\n"
                           << "OUT=\"${2%/*}/chat.live_chat.json\"\n"
                           << script << "\n";
    fs::permissions(program, fs::perms::owner_all);
    return {.url = "http://h/",
            .file = file(),
            .yt_dlp = [program] { return SubprocessOptions{.arguments = {program}}; },
            .again_after = milliseconds{1}};
  }
  ~LiveChats() override { fs::remove(folder_.string() + ".sh"); }

  void run_until(const std::function<bool()>& condition) {
    const auto deadline = net::Loop::now() + seconds{20};
    while (!condition() && net::Loop::now() < deadline) loop_.run_once(milliseconds{10});
    EXPECT_TRUE(condition());
  }
  // Lines are in the file that the present run writes.
  bool coming() const {
    for (const auto& entry : fs::recursive_directory_iterator(folder_))
      if (entry.path().filename() == "chat.live_chat.json.part" && entry.file_size() > 0) return true;
    return false;
  }

  net::Loop loop_{{}};
};

TEST_F(LiveChats, are_ended_by_an_interrupt_and_kept) {
  {
    const LiveChat chat(loop_, options(kUntilInterrupted));
    run_until([this] { return coming(); });
  }
  EXPECT_EQ(kept(), "first\nlast\n");
  EXPECT_EQ(entries(), 1u);
}

// So does whatever a script starts with "&".
TEST_F(LiveChats, are_ended_by_an_interrupt_where_we_ignore_it) {
  const auto before = std::signal(SIGINT, SIG_IGN);
  {
    const LiveChat chat(loop_, options(kUntilInterrupted));
    run_until([this] { return coming(); });
  }
  std::signal(SIGINT, before);
  EXPECT_EQ(kept(), "first\nlast\n");
}

TEST_F(LiveChats, do_not_hold_up_the_end) {
  const auto begin = net::Loop::now();
  {
    auto stubborn = options("trap '' INT\necho first >> \"$OUT.part\"\nwhile :; do sleep 100; done");
    stubborn.patience_at_the_end = milliseconds{50};
    const LiveChat chat(loop_, std::move(stubborn));
    run_until([this] { return coming(); });
  }
  EXPECT_LT(net::Loop::now() - begin, seconds{10});
  EXPECT_EQ(kept(), "first\n");
}

TEST_F(LiveChats, go_on_when_yt_dlp_ends) {
  const LiveChat chat(loop_, options("echo line > \"$OUT\""));
  run_until([this] { return kept().starts_with("line\nline\nline\n"); });
}

TEST_F(LiveChats, are_renewed_on_demand) {
  int ended = 0;
  auto renewed = options("trap 'exit 1' INT\necho line >> \"$OUT.part\"\n" + kWait);
  renewed.again_after = milliseconds{60'000};
  renewed.on_run_ended = [&] { ++ended; };
  LiveChat chat(loop_, std::move(renewed));
  for (const auto* lines : {"line\n", "line\nline\n"}) {
    run_until([this] { return coming(); });
    chat.renew();
    run_until([&] { return kept() == lines; });
  }
  EXPECT_EQ(ended, 2);
}

TEST_F(LiveChats, that_are_none_are_given_up) {
  const LiveChat chat(loop_, options("echo >> \"" + folder_.string() + "/runs\"; exit 1"));
  run_until([this] { return fs::exists(folder_ / "runs") && fs::file_size(folder_ / "runs") == 3; });
  for (int i = 0; i < 20; ++i) loop_.run_once(milliseconds{10});
  EXPECT_EQ(fs::file_size(folder_ / "runs"), 3u);
  EXPECT_EQ(kept(), "");
}

TEST_F(LiveChats, with_no_program_are_none) {
  auto missing = options("");
  missing.yt_dlp = [] { return SubprocessOptions{.arguments = {"/nowhere/yt-dlp"}}; };
  const LiveChat chat(loop_, std::move(missing));
  for (int i = 0; i < 20; ++i) loop_.run_once(milliseconds{10});
  EXPECT_EQ(entries(), 0u);
}

}  // namespace
}  // namespace aircheck::capture
