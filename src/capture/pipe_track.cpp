#include "capture/pipe_track.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <utility>

#include "base/log.hpp"
#include "capture/resolver.hpp"

namespace aircheck::capture {
namespace {

constexpr milliseconds kShortestHole{500};
// A download that brings nothing for so long while yt-dlp says that the stream is live is begun anew.
constexpr milliseconds kSilence{60'000};
// A clock that leaps further was set anew.
constexpr milliseconds kLongestLeap{120'000};
constexpr std::string_view kNotRunning = "yt-dlp's own download was not running";
constexpr std::string_view kLeap = "yt-dlp's own download has left it out";

struct Resumption {
  std::optional<Instant> since;
  std::string_view demux_state;
};

// "since:demux state", the first in milliseconds since 1970.
Resumption parse(std::string_view state) {
  std::int64_t at = 0;
  const auto [end, error] = std::from_chars(state.data(), state.data() + state.size(), at);
  if (error != std::errc{} || end == state.data() + state.size() || *end != ':') return {};
  return {Instant{milliseconds{at}}, state.substr(static_cast<std::size_t>(end - state.data()) + 1)};
}

// Of the main track. A segment that has been opened has packets.
nanoseconds begin_of(const Opened& opened) {
  const auto& packets = opened.media.packets;
  const auto main = std::ranges::find(packets, 0u, &media::Packet::track);
  return (main == packets.end() ? packets.front() : *main).dts;
}

// Empty where there is no room for one: yt-dlp runs where we do.
std::filesystem::path make_scratch() {
  std::error_code error;
  auto name = (std::filesystem::temp_directory_path(error) / "aircheck-XXXXXX").string();
  return !error && ::mkdtemp(name.data()) ? name : std::string{};
}

std::size_t size_of(const Piece& piece) {
  auto out = piece.raw.size();
  for (const auto& bytes : piece.media.storage) out += bytes.size();
  return out;
}

}  // namespace

Position pipe_position(Instant since, std::uint64_t next_sequence, std::string_view demux_state) {
  const auto at = since.time_since_epoch().count();
  return {.next_sequence = next_sequence, .demux_state = fmt::format("{}:{}", at, demux_state), .rung = Rung::pipe};
}

std::optional<Instant> pipe_since(const Position& position) { return parse(position.demux_state).since; }

PipeTrack::PipeTrack(net::Loop& loop, TrackOptions options, std::function<SubprocessOptions()> command,
                     std::function<void()> on_change)
    : loop_(loop),
      options_(std::move(options)),
      command_(std::move(command)),
      on_change_(std::move(on_change)),
      opener_(loop, [] {}) {}

PipeTrack::~PipeTrack() {
  loop_.cancel(later_);
  process_.reset();
  std::error_code ignored;
  if (!scratch_.empty()) std::filesystem::remove_all(scratch_, ignored);
}

void PipeTrack::start(std::string, std::optional<Position> from) {
  changed_at_ = net::Loop::now();
  if (from) {
    const auto [since, state] = parse(from->demux_state);
    sequence_ = from->next_sequence;
    last_at_ = since;
    opener_.restore(state);
  }
  run();
}

void PipeTrack::switch_url(std::string, std::vector<std::string>, std::string) {
  const auto quiet_since = std::max(changed_at_, started_at_);
  if (!refused_ && (!process_ || net::Loop::now() - quiet_since > kSilence)) run();
}

void PipeTrack::run() {
  if (scratch_.empty()) scratch_ = make_scratch();
  auto command = command_();
  command.on_output = [this](ByteView bytes) { take(bytes); };
  splitter_.emplace();
  command.directory = scratch_.string();
  begun_anew_ = true;
  started_at_ = net::Loop::now();
  process_ = std::make_unique<Subprocess>(loop_, std::move(command), [this](auto result) { ended(std::move(result)); });
}

// ---- from the pipe --------------------------------------------------------------------------------------------------

void PipeTrack::take(ByteView bytes) {
  if (refused_) return;
  const auto pushed = splitter_->push(bytes);
  if (!pushed) return give_up(pushed.error());
  take_segments();
}

void PipeTrack::take_segments() {
  while (auto segment = splitter_->next()) open(std::move(*segment));
  throttle();
}

void PipeTrack::open(Bytes segment) {
  Opener::Body body{.bytes = std::move(segment), .plain = false, .ts = nullptr};
  auto opened = opener_.open({}, body, {}, options_.patience_gone);
  if (!opened && opened.error().kind == ErrorKind::unsupported) return give_up(opened.error());
  if (opened && *opened) return add(std::move(**opened));
  if (opened) return;
  // It stays a hole in the timestamps; the next one shows how long it is.
  log::warn("a part of yt-dlp's download cannot be read: {}", opened.error().message);
  trouble_ = opened.error();
}

void PipeTrack::add(Opened opened) {
  const auto now = system_now();
  const auto missing = missing_before(opened);
  if (missing >= kShortestHole) add_hole(missing, begun_anew_ ? kNotRunning : kLeap);
  begun_anew_ = false;
  last_at_ = now;
  next_dts_ = begin_of(opened) + opened.span;
  Piece piece;
  piece.duration = opened.span;
  piece.media = std::move(opened.media);
  piece.raw = std::move(opened.raw);
  piece.after = pipe_position(now, ++sequence_, opener_.state());
  piece.after.format_id = options_.format_id;
  held_ += size_of(piece);
  pieces_.push_back(std::move(piece));
  loaded_ = true;
  trouble_.reset();
  changed_at_ = net::Loop::now();
  on_change_();
}

// What was broadcast while nothing was fetched is gone, and so is what the timestamps pass over. Another download's most often
// go on as the last one's did; where they were set anew, they tell less than the clock does.
milliseconds PipeTrack::missing_before(const Opened& opened) const {
  auto missing = milliseconds{0};
  if (begun_anew_ && last_at_)
    missing = system_now() - std::chrono::duration_cast<milliseconds>(opened.span) - *last_at_;
  if (!next_dts_) return missing;
  const auto leap = std::chrono::duration_cast<milliseconds>(begin_of(opened) - *next_dts_);
  return leap <= kLongestLeap ? std::max(missing, leap) : missing;
}

void PipeTrack::add_hole(milliseconds duration, std::string_view why) {
  Piece hole;
  hole.lost = true;
  hole.error = {ErrorKind::unavailable, std::string(why)};
  hole.duration = duration;
  hole.after = pipe_position(last_at_.value_or(system_now()), sequence_, opener_.state());
  log::warn("lost {} ms: {}", duration.count(), why);
  pieces_.push_back(std::move(hole));
}

void PipeTrack::ended(Result<SubprocessResult> result) {
  const auto process = std::move(process_);  // lives to the end of its own call
  if (refused_) return;
  splitter_->finish();
  take_segments();
  if (!result) trouble_ = result.error();
  else if (result->exit_status != 0) trouble_ = classify_complaint(result->error);
  log::info("yt-dlp's download has come to its end{}", trouble_ ? ": " + trouble_->message : "");
  on_change_();
}

// The process is ended from the loop: it is just handing something on.
void PipeTrack::give_up(const Error& error) {
  if (std::exchange(refused_, true)) return;
  trouble_ = error;
  later_ = loop_.after(milliseconds{0}, [this] {
    process_.reset();
    on_change_();
  });
}

void PipeTrack::throttle() {
  if (process_) process_->hold_output(held_ > options_.hard_budget);
}

// ---- handing on -----------------------------------------------------------------------------------------------------

std::optional<Piece> PipeTrack::next() {
  if (pieces_.empty()) return {};
  auto piece = std::move(pieces_.front());
  pieces_.pop_front();
  held_ -= std::min(held_, size_of(piece));
  throttle();
  return piece;
}

TrackHealth PipeTrack::health() const {
  TrackHealth out;
  out.loaded = loaded_;
  out.stopped = !process_;
  out.trouble = trouble_;
  out.changed_at = out.read_at = changed_at_;
  for (const auto& piece : pieces_) out.pending += piece.duration;
  return out;
}

}  // namespace aircheck::capture
