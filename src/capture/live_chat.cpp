#include "capture/live_chat.hpp"

#include <fmt/core.h>

#include <utility>

#include "base/log.hpp"
#include "capture/chat_file.hpp"
#include "capture/resolver.hpp"

namespace aircheck::capture {
namespace {

constexpr int kMostEmptyRuns = 3;  // then there is no chat, or none for us

// yt-dlp's templates give these characters a meaning.
std::string literally(std::string_view path) {
  std::string out;
  for (const char c : path) {
    out += c;
    if (c == '%' || c == '$') out += c;
  }
  return out;
}

// It says how far it is, and nobody listens but for one thing: when this process is killed, the pipe breaks, and it goes too.
void add_task(SubprocessOptions& command, const std::string& folder, const std::string& url) {
  command.arguments.insert(command.arguments.end(),
                           {"--skip-download", "--write-subs", "--sub-langs", "live_chat", "--progress", "--newline",
                            "--output", literally(folder) + "/chat.%(ext)s", "--", url});
  command.time_limit = milliseconds{0};
  command.on_output = [](ByteView) {};
}

}  // namespace

LiveChat::LiveChat(net::Loop& loop, LiveChatOptions options) : loop_(loop), options_(std::move(options)) {
  gather();  // of a recorder that was killed
  run();
}

LiveChat::~LiveChat() {
  loop_.cancel(again_);
  if (process_) process_->interrupt(options_.patience_at_the_end);
  process_.reset();
  gather();
}

void LiveChat::run() {
  const auto folder = make_chat_folder(options_.file);
  if (!folder) return log::warn("no live chat: {}", folder.error().message);
  auto command = options_.yt_dlp();
  add_task(command, *folder, options_.url);
  process_ = std::make_unique<Subprocess>(loop_, std::move(command), [this](auto result) { ended(result); });
}

void LiveChat::renew() {
  if (!process_) return;
  renewing_ = true;
  process_->ask_to_end();
}

void LiveChat::ended(const Result<SubprocessResult>& result) {
  const auto process = std::move(process_);  // lives to the end of its own call
  empty_runs_ = gather() > 0 ? 0 : empty_runs_ + 1;
  if (options_.on_run_ended) options_.on_run_ended();
  if (std::exchange(renewing_, false)) return run();
  const bool failed = !result || result->exit_status != 0;
  const auto why = !result ? result.error().message : failed ? classify_complaint(result->error).message : "";
  if (failed) log::warn("live chat: {}", why);
  if (empty_runs_ >= kMostEmptyRuns) return log::info("no live chat comes, and no more is asked for");
  again_ = loop_.after(options_.again_after, [this] { run(); });
}

std::uint64_t LiveChat::gather() {
  const auto gathered = gather_chat(options_.file);
  if (!gathered) log::warn("live chat: {}", gathered.error().message);
  return gathered.value_or(0);
}

}  // namespace aircheck::capture
