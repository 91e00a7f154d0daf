#include "aircheck/foreground.hpp"

#include <fmt/core.h>
#include <signal.h>
#include <unistd.h>

#include <memory>
#include <optional>

#include "aircheck/human.hpp"
#include "aircheck/progress_line.hpp"
#include "aircheck/record_target.hpp"
#include "aircheck/signals.hpp"
#include "aircheck/terminal.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "core/job_json.hpp"
#include "net/loop.hpp"
#include "recorder/repair.hpp"
#include "recorder/session.hpp"

namespace aircheck::apps {
namespace {

constexpr milliseconds kRedraw{500}, kReport{2'000}, kEvents{1'000};  // on a terminal, in a log, for a program
constexpr milliseconds kLookAgain{15'000};  // at a scheduled stream whose time is unknown or past

std::int64_t to_ms(nanoseconds time) { return std::chrono::round<milliseconds>(time).count(); }

class Foreground {
 public:
  Foreground(const ForegroundOptions& options, RecordTarget& target)
      : options_(options),
        target_(target),
        loop_(options.http),
        signals_(loop_, {SIGINT, SIGTERM}, [this](int signal) { on_signal(signal); }),
        redraw_(options.json                 ? kEvents
                : is_terminal(STDERR_FILENO) ? kRedraw
                                             : kReport) {}

  int run() {
    if (const auto status = prepare()) return *status;
    begin_session();
    tick();
    loop_.run();
    if (kept_) end_with(*kept_);
    line_.finish();
    return status_;
  }

 private:
  // Looks at what is there already; a status when there is nothing to do.
  std::optional<int> prepare() {
    auto opened = target_.open(options_.force);
    if (!opened && opened.error().kind == ErrorKind::cancelled) loop_.run_once(milliseconds{0});  // by a signal
    if (left_by_ != 0) return status_;
    if (!opened) return complain(opened.error());
    if (opened->kept_as) say(fmt::format("what was there is kept as {}", target_.shown(*opened->kept_as)));
    if (!opened->writer) {
      say(fmt::format("{} is finished already and left alone. --force records anew", place()));
      return 0;
    }
    writer_ = std::move(opened->writer);
    if (!writer_->journal().empty()) say(fmt::format("going on with {}", place()));
    return {};
  }

  void begin_session() {
    recorder::SessionOptions session{.stream = options_.stream, .key = target_.key()};
    if (options_.chat) add_chat(session);
    session_ = std::make_unique<recorder::Session>(loop_, *writer_, std::move(session),
                                                   [this](recorder::Outcome outcome) { finished(std::move(outcome)); });
    session_->start();
  }

  // A lack of it is no reason not to record.
  void add_chat(recorder::SessionOptions& session) {
    auto chat = target_.chat();
    if (!chat) return log::warn("{}", chat.error().message);
    session.chat_file = std::move(chat->file);
    session.chat_store = std::move(chat->store);
  }

  void tick() {
    loop_.after(redraw_, [this] { tick(); });
    if (!session_ || options_.quiet) return;
    const auto progress = session_->progress();
    if (options_.json) return print_json(progress);
    line_.show({.media_time = std::chrono::duration_cast<milliseconds>(progress.media_time),
                .bytes = progress.bytes,
                .lag = std::chrono::duration_cast<milliseconds>(progress.lag),
                .gaps = progress.gaps.size(),
                .state = state_text(progress)});
  }

  std::string state_text(const recorder::Progress& progress) const {
    auto trouble = progress.trouble ? progress.trouble->message : std::string{};
    if (progress.finishing) return trouble.empty() ? "finishing" : "finishing: " + trouble;
    if (!trouble.empty()) return trouble;
    return progress.recording ? "recording" : "opening";
  }

  void print_json(const recorder::Progress& progress) {
    if (net::Loop::now() - printed_at_ < seconds{1}) return;
    printed_at_ = net::Loop::now();
    nlohmann::json line{{"event", "progress"},           {"state", state_text(progress)},
                        {"bytes", progress.bytes},       {"media_ms", to_ms(progress.media_time)},
                        {"lag_ms", to_ms(progress.lag)}, {"gaps", progress.gaps.size()}};
    fmt::print("{}\n", line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    std::fflush(stdout);
  }

  void on_signal(int signal) {
    const bool again = interrupted_;
    interrupted_ = true;
    left_by_ = signal;
    if (!session_) {  // waiting for a scheduled stream
      status_ = 128 + signal;
      return loop_.stop();
    }
    if (signal == SIGTERM || again) return session_->leave();
    say("finishing the file; Ctrl-C again leaves it unfinished");
    session_->stop_and_keep();
  }

  void finished(recorder::Outcome outcome) {
    outcome_ = std::move(outcome);
    loop_.after(milliseconds{0}, [this] { settle(); });
  }

  void settle() {
    using Kind = recorder::Outcome::Kind;
    switch (outcome_.kind) {
      case Kind::waiting: return wait_for_begin();
      case Kind::completed: return completed();
      case Kind::left:
        status_ = 128 + left_by_;
        say(fmt::format("left unfinished; the same command goes on with {}", place()));
        break;
      case Kind::empty:
        discard_empty();
        say("stopped before anything was recorded");
        status_ = 0;
        break;
      case Kind::failed:
        if (!session_->progress().recording) discard_empty();
        status_ = complain(outcome_.error);
        break;
    }
    loop_.stop();
  }

  // A journal without a file would be taken for a recording under way.
  void discard_empty() {
    session_.reset();
    writer_.reset();
    const auto removed = target_.store().remove(target_.key());
    if (!removed) log::warn("{}", removed.error().message);
  }

  void completed() {
    kept_ = session_->progress();
    if (const auto closed = writer_->close(); !closed) {
      status_ = complain(wrap(closed.error(), "the recording is complete, but its journal is left").error());
      kept_.reset();
    }
    session_.reset();
    writer_.reset();
    loop_.stop();
  }

  void end_with(recorder::Progress progress) {
    if (options_.refill && !interrupted_ && recorder::can_be_asked_for(progress.gaps)) refill(progress);
    report(progress);
    status_ = progress.gaps.empty() ? 0 : 3;
  }

  // The file is finished and in its place: whatever happens here, it is none the worse for it.
  void refill(recorder::Progress& progress) {
    say("finished; asking once more for what is missing");
    Job job{.url = options_.stream.url, .status = JobStatus::completed};
    job.gaps = progress.gaps;
    job.recordings = progress.files;
    const auto ended = [this] {
      loop_.run_once(milliseconds{0});
      return interrupted_;
    };
    const auto done =
        recorder::repair(loop_, target_.store(), job, {.stream = options_.stream, .on_progress = {}, .ended = ended});
    if (!done) return log::warn("what is missing cannot be asked for once more: {}", done.error().message);
    progress.gaps = done->gaps;
    progress.files = done->recordings;
    outcome_.verdict.complete = progress.gaps.empty();
  }

  void report(const recorder::Progress& progress) {
    if (options_.json) {
      nlohmann::json files = nlohmann::json::array(), gaps = nlohmann::json::array();
      for (const auto& file : progress.files)
        files.push_back({{"path", target_.shown(file.key)}, {"bytes", file.bytes}, {"duration_ms", file.duration_ms}});
      for (const auto& gap : progress.gaps) gaps.push_back(to_json(gap));
      const nlohmann::json line{{"event", "finished"},
                                {"complete", outcome_.verdict.complete},
                                {"ended_by", outcome_.verdict.ended_by},
                                {"files", files},
                                {"gaps", gaps}};
      fmt::print("{}\n", line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
      return;
    }
    line_.finish();
    for (const auto& file : progress.files)
      say(fmt::format("{}  {}  {}", target_.shown(file.key), human_size(file.bytes),
                      human_duration(milliseconds{file.duration_ms})));
    if (progress.gaps.empty()) say(fmt::format("complete; ended by the {}", outcome_.verdict.ended_by));
    for (const auto& gap : progress.gaps)
      say(fmt::format("missing {} from {}: {}", human_span(milliseconds{gap.end_ms - gap.start_ms}),
                      human_duration(milliseconds{gap.start_ms}), gap.reason));
  }

  void wait_for_begin() {
    session_.reset();
    const auto begins = outcome_.not_before;
    const auto left = begins ? *begins - system_now() : milliseconds{0};
    say(fmt::format("the stream is scheduled{}; waiting", begins ? " for " + to_rfc3339(*begins) : std::string{}));
    // Schedules move: look again at least every six hours, and often around the time itself.
    const auto wait = left > milliseconds{0} ? std::min<milliseconds>(left, std::chrono::hours{6}) : kLookAgain;
    loop_.after(wait, [this] { begin_session(); });
  }

  int complain(const Error& error) {
    line_.finish();
    fmt::print(stderr, "aircheck: {}\n", error.message);
    if (options_.json) {
      const nlohmann::json line{{"event", "failed"}, {"kind", to_string(error.kind)}, {"message", error.message}};
      fmt::print("{}\n", line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    }
    return 1;
  }

  void say(const std::string& text) {
    if (options_.quiet) return;
    line_.finish();
    fmt::print(stderr, "{}\n", text);
  }

  std::string place() const { return target_.shown(target_.key()); }

  const ForegroundOptions& options_;
  RecordTarget& target_;
  net::Loop loop_;
  Signals signals_;
  const milliseconds redraw_;
  std::unique_ptr<RecordingWriter> writer_;
  std::unique_ptr<recorder::Session> session_;
  recorder::Outcome outcome_;
  std::optional<recorder::Progress> kept_;  // of a recording that is finished
  ProgressLine line_;
  net::SteadyTime printed_at_{};
  bool interrupted_ = false;
  int left_by_ = 0;
  int status_ = 1;
};

}  // namespace

int record_in_foreground(const ForegroundOptions& options) {
  const auto target = RecordTarget::make(options.output, options.bucket);
  if (!target) {
    fmt::print(stderr, "aircheck: {}\n", target.error().message);
    return 2;
  }
  return Foreground(options, **target).run();
}

}  // namespace aircheck::apps
