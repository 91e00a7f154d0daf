#include "recorder/session.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "base/log.hpp"

namespace aircheck::recorder {
namespace {

// Longer than any queue asks for a segment before it says that it is lost.
constexpr int kMoreForWhatIsOffered = 10;

std::string describe(const std::vector<media::Track>& tracks) {
  std::string size, codecs;
  for (const auto& track : tracks) {
    if (track.kind == media::TrackKind::video) {
      size = fmt::format("{}x{}", track.width, track.height);
      if (track.default_duration.count() > 0)
        size += fmt::format("@{:.4g}", 1e9 / static_cast<double>(track.default_duration.count()));
    }
    codecs += (codecs.empty() ? "" : "+") + std::string(media::to_string(track.codec));
  }
  return size.empty() ? codecs : size + " " + codecs;
}

// Whether to wait for the store: for room, a connection, or rights to come back.
bool store_may_recover(const Error& error) { return may_pass(error.kind) || error.kind == ErrorKind::io; }

// Of a playlist's address what may be read by whoever gets the file: no token.
std::string without_query(const std::string& url) { return url.substr(0, url.find_first_of("?#")); }

}  // namespace

Session::Session(net::Loop& loop, RecordingWriter& writer, SessionOptions options, Finished finished)
    : loop_(loop), writer_(writer), options_(std::move(options)), finished_(std::move(finished)) {}

Session::~Session() { loop_.cancel(retry_); }

void Session::start() {
  auto recording = Recording::open(writer_);
  if (!recording) {
    const auto& error = recording.error();
    retry_ =
        loop_.after(milliseconds{0}, [this, error] { finish_with({.kind = Outcome::Kind::failed, .error = error}); });
    return;
  }
  recording_.emplace(std::move(*recording));
  if (recording_->ended_by()) {  // killed while it finished: only the head is missing
    ended_by_ = *recording_->ended_by();
    retry_ = loop_.after(milliseconds{0}, [this] { try_to_finish(); });
    return;
  }
  stream_ = std::make_unique<capture::Stream>(loop_, options_.stream, [this] { pump(); });
  stream_->start([this] {
    std::vector<capture::Position> from;
    for (const auto& position : recording_->positions()) from.push_back(position.position);
    return from;
  });
}

// ---- stream → file --------------------------------------------------------------------------------------------------

void Session::pump() {
  if (pumping_) {  // a pull may report a change: once more when this round is over
    pump_again_ = true;
    return;
  }
  pumping_ = true;
  do {
    pump_again_ = false;
    while (pump_once()) {
    }
  } while (pump_again_ && finished_);
  pumping_ = false;
  fetch_companions();
  on_stream_state();
}

bool Session::pump_once() {
  if (!finished_ || !ended_by_.empty() || unwritten_ || stream_->track_count() == 0) return false;
  if (!assembler_ || layout_ != stream_->layout()) assemble();
  bool moved = false;
  for (std::size_t i = 0; i < stream_->track_count(); ++i) moved |= pull(i);
  close_tracks_that_are_over();
  while (auto batch = assembler_->next()) {
    moved = true;
    if (!write(std::move(*batch))) return false;
  }
  return moved;
}

// For the stream's present tracks: where they go on just as committed, or where another way to the stream takes over.
void Session::assemble() {
  layout_ = stream_->layout();
  const auto count = stream_->track_count();
  const auto& began_at = stream_->began_at();
  const bool as_before = std::ranges::equal(recording_->positions(), began_at, {}, &TrackPosition::position) &&
                         (began_at.size() == count || began_at.empty());
  auto timeline = recording_->timeline();
  if (as_before) return void(assembler_.emplace(count, recording_->positions(), std::move(timeline)));
  std::vector<TrackPosition> positions;
  positions.reserve(began_at.size());
  for (const auto& position : began_at) positions.push_back({position, {}});
  if (timeline) timeline = Timeline::carried_over(*timeline, count);
  const bool without_numbers = !began_at.empty() && began_at.front().behind;
  assembler_.emplace(count, std::move(positions), std::move(timeline), without_numbers ? &tail_ : nullptr);
}

bool Session::pull(std::size_t track) {
  if (!assembler_->wants(track)) return false;
  auto piece = stream_->next(track);
  if (!piece) return false;
  if (piece->lost) last_loss_ = piece->error;
  assembler_->push(track, std::move(*piece));
  return true;
}

// A track that has ended is gone on without; one that keeps the others waiting for longer than they can, until it comes back.
void Session::close_tracks_that_are_over() {
  if (stream_->track_count() < 2) return;
  // While the whole broadcast pauses the last of the picture may lack a frame of sound, and nobody is to blame.
  const bool more_to_come = stream_->health(0).pending.count() > 0;
  bool held_up = false;
  for (std::size_t i = 0; i < stream_->track_count(); ++i) {
    if (stream_->health(i).ended) assembler_->close(i);
    held_up |= more_to_come && assembler_->holds_up(i);
  }
  if (!held_up) return waiting_since_.reset();
  const auto now = net::Loop::now();
  if (!waiting_since_) waiting_since_ = now;
  for (std::size_t i = 1; i < stream_->track_count(); ++i) {
    const bool offers = stream_->health(i).pending.count() > 0;
    const auto patience = options_.other_track_patience * (offers ? kMoreForWhatIsOffered : 1);
    if (assembler_->holds_up(i) && now - *waiting_since_ >= patience) leave_track(i);
  }
}

void Session::leave_track(std::size_t track) {
  log::warn("no sound has come for too long: the picture goes on without it");
  assembler_->leave(track);
}

// Looks again each time: a broadcast's title may change.
void Session::describe_recording() {
  if (!stream_) return;
  const auto& info = stream_->info();
  recorder::About about{.title = info.title, .channel = info.channel, .url = info.page_url, .video_id = info.video_id};
  about.broadcast_at = info.broadcast_at;
  if (about.url.empty()) about.url = without_query(options_.stream.url);
  recording_->describe(std::move(about));
}

// What is fetched beside the stream: its picture once, and live chat from the first commit on, so that a stream that is only
// waited for, or that cannot be recorded, leaves none.
void Session::fetch_companions() {
  if (!finished_ || !ended_by_.empty() || stream_->state() != capture::StreamState::running) return;
  if (!thumbnail_ && !attached_)
    thumbnail_ = std::make_unique<capture::ThumbnailFetch>(loop_, stream_->extras().thumbnails,
                                                           [this](auto thumbnail) { attach(std::move(thumbnail)); });
  if (chat_ || chat_upload_ || options_.chat_file.empty() || options_.stream.direct || !recording_->begun()) return;
  capture::LiveChatOptions chat{.url = stream_->info().page_url, .file = options_.chat_file, .yt_dlp = {}};
  chat.yt_dlp = [this] { return stream_->yt_dlp_command(); };
  if (const auto& store = options_.chat_store)
    chat_upload_ =
        std::make_unique<ChatUpload>(loop_, std::move(chat), ChatUploadOptions{.key = options_.key, .store = *store});
  else chat_ = std::make_unique<capture::LiveChat>(loop_, std::move(chat));
}

void Session::attach(std::optional<capture::Thumbnail> thumbnail) {
  attached_ = true;
  std::vector<media::Attachment> files;
  if (thumbnail) {
    const auto name = std::string(media::cover_name(thumbnail->media_type));
    files.push_back({.name = name, .media_type = thumbnail->media_type, .data = thumbnail->data});
  }
  const auto& description = stream_->extras().description;
  if (!description.empty())
    files.push_back({.name = "description.txt", .media_type = "text/plain", .data = as_bytes(description)});
  recording_->attach(files);
  if (thumbnail) loop_.buffers().give(std::move(thumbnail->data));
}

bool Session::write(Batch batch) {
  describe_recording();
  const auto written = recording_->write(batch);
  if (!written) {
    unwritten_ = std::move(batch);
    store_failed(written.error(), "cannot write", &Session::retry_write);
    return false;
  }
  store_took();
  if (batch.positions.front().position.rung == capture::Rung::pipe) tail_.note(batch.packets, batch.tracks);
  else tail_.clear();
  for (auto& buffer : assembler_->release()) loop_.buffers().give(std::move(buffer));
  return true;
}

void Session::store_took() {
  store_behind_since_.reset();
  if (std::exchange(disk_trouble_, std::nullopt)) log::info("writing goes on");
}

// What is on the disk stays as it was committed; the batch waits for room, and the tracks' budgets bound what piles up. A store
// that is behind says so at once, for segments must be fetched meanwhile: it is no trouble before it lasts.
void Session::store_failed(const Error& error, std::string_view what, void (Session::*again)()) {
  const auto now = net::Loop::now();
  if (!store_behind_since_) store_behind_since_ = now;
  const bool is_behind = error.kind == ErrorKind::unavailable;
  if (!is_behind || now - *store_behind_since_ >= options_.untold_delay) {
    if (!disk_trouble_) log::error("{}: {}", what, error.message);
    disk_trouble_ = error;
  }
  if (!store_may_recover(error)) {
    retry_ =
        loop_.after(milliseconds{0}, [this, error] { finish_with({.kind = Outcome::Kind::failed, .error = error}); });
    return;
  }
  const auto delay = is_behind ? options_.ask_store_again_after : options_.retry_writes_after;
  retry_ = loop_.after(delay, [this, again] { (this->*again)(); });
}

void Session::retry_write() {
  auto batch = std::move(*unwritten_);
  unwritten_.reset();
  if (!write(std::move(batch))) return;
  if (ended_by_.empty()) pump();
  else try_to_finish();
}

void Session::on_stream_state() {
  if (!finished_ || !ended_by_.empty() || unwritten_) return;
  switch (stream_->state()) {
    case capture::StreamState::upcoming:
      return finish_with({.kind = Outcome::Kind::waiting, .not_before = stream_->upcoming_at()});
    case capture::StreamState::failed: return finish_with({.kind = Outcome::Kind::failed, .error = stream_->error()});
    case capture::StreamState::ended: return begin_finishing("broadcaster");
    default: return;
  }
}

// ---- the end --------------------------------------------------------------------------------------------------------

void Session::begin_finishing(std::string_view ended_by) {
  ended_by_ = ended_by;
  for (std::size_t i = 0; assembler_ && i < stream_->track_count(); ++i) assembler_->close(i);
  try_to_finish();
}

void Session::try_to_finish() {
  if (unwritten_) return;  // waits for room; retry_write() comes back here
  while (auto batch = assembler_ ? assembler_->next() : std::nullopt)
    if (!write(std::move(*batch))) return;
  if (!recording_->begun()) {
    if (ended_by_ == "user") return finish_with({.kind = Outcome::Kind::empty});
    const Error nothing{ErrorKind::ended, "the stream ended before anything could be recorded"};
    return finish_with({.kind = Outcome::Kind::failed, .error = last_loss_.value_or(nothing)});
  }
  thumbnail_.reset();  // what is not there by now is not waited for
  if (stream_ && !attached_) attach({});
  const bool gaps_are_new = assembler_ && !std::exchange(last_gaps_told_, true);
  const auto done = recording_->finish(ended_by_, gaps_are_new ? assembler_->close_timeline() : std::vector<Gap>{});
  if (!done) return store_failed(done.error(), "cannot finish the file", &Session::try_to_finish);
  store_took();
  finish_with({.kind = Outcome::Kind::completed, .verdict = verdict()});
}

Verdict Session::verdict() const { return {.complete = recording_->gaps().empty(), .ended_by = ended_by_}; }

void Session::end_companions() {
  thumbnail_.reset();
  chat_.reset();
  chat_upload_.reset();
}

void Session::finish_with(Outcome outcome) {
  end_companions();
  if (const auto finished = std::exchange(finished_, nullptr)) finished(std::move(outcome));
}

void Session::stop_and_keep() {
  if (!finished_ || !ended_by_.empty()) return;
  begin_finishing("user");
}

void Session::leave() {
  end_companions();
  stream_.reset();
  finish_with({.kind = Outcome::Kind::left});
}

Progress Session::progress() const {
  Progress out;
  if (!recording_) return out;
  out.recording = recording_->begun();
  out.finishing = !ended_by_.empty();
  out.bytes = recording_->bytes();
  out.media_time = recording_->media_time();
  out.gaps = recording_->gaps();
  out.files = recording_->files(options_.key);
  if (const auto* tracks = recording_->tracks()) {
    const auto& positions = recording_->positions();
    const auto rung = positions.empty() ? capture::Rung::hls : positions.front().position.rung;
    out.quality = describe(*tracks);
    if (rung != capture::Rung::hls) out.quality += fmt::format(" by {}", capture::in_words(rung));
    if (const auto who = stream_ ? stream_->asked_as() : std::string{}; !who.empty()) out.quality += " " + who;
    if (stream_ && !stream_->lacking().empty())
      out.quality += fmt::format(", {} would want a PO token", stream_->lacking());
  }
  if (stream_) {
    out.info = stream_->info();
    out.lag = stream_->lag();
    out.trouble = stream_->trouble();
    out.chosen = stream_->chosen();
  }
  if (disk_trouble_) out.trouble = disk_trouble_;
  return out;
}

}  // namespace aircheck::recorder
