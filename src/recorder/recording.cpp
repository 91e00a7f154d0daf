#include "recorder/recording.hpp"

#include <fmt/core.h>
#include <sys/random.h>

#include <algorithm>

#include "base/log.hpp"
#include "core/names.hpp"
#include "media/track_change.hpp"
#include "recorder/file_info.hpp"
#include "recorder/track_home.hpp"

namespace aircheck::recorder {
Result<Recording> Recording::open(RecordingWriter& writer) {
  auto state = TRY(read_journal(writer.journal()));
  if (state.file && !state.file_done) {
    if (state.length == 0) {
      state.file.reset();  // begun, but nothing was committed: begin it again
    } else {
      TRY(writer.reopen_file(state.file->index, state.length));
    }
  }
  return Recording(writer, std::move(state));
}

Result<Bytes> Recording::head(bool final) const {
  const auto& file = *state_.file;
  if (!final) return media::make_unfilled_head(growing_file_info(file, about_), file.tracks, {}, writer_.head_size());
  return media::make_unfilled_head(finished_file_info(state_, writer_.length()), file.tracks, state_.cues,
                                   writer_.head_size());
}

Result<void> Recording::begin_file(const Batch& batch) {
  FileLine file;
  file.index = static_cast<int>(state_.done.size());
  file.tracks = batch.tracks;
  file.start = nanoseconds{0};
  file.begun_at = system_now();
  if ((given_up_ || !state_.done.empty()) && !batch.packets.empty()) {
    file.start = batch.packets.front().pts;
    for (const auto& packet : batch.packets) file.start = std::min(file.start, packet.pts);
  }
  if (getrandom(file.uid.data(), file.uid.size(), 0) < 0) return fail(ErrorKind::io, "no randomness");
  state_.file = file;
  state_.file_done = false;
  state_.length = 0;
  state_.end = nanoseconds{0};
  state_.cues.clear();
  state_.attachments.reset();
  const auto begun = [&]() -> Result<void> {
    TRY(writer_.begin_file(file.index, TRY(head(false))));
    return writer_.commit(to_line(file));
  }();
  if (!begun) state_.file.reset();
  return begun;
}

// Sees to it that there is a file that can carry the batch.
Result<void> Recording::adapt_to(const Batch& batch) {
  if (!state_.file || state_.file_done) return begin_file(batch);
  if (batch.tracks == live_tracks_) return {};
  const auto& file = state_.file->tracks;
  std::vector<Bytes> prefixes(file.size());
  for (std::size_t i = 0; i < batch.tracks.size(); ++i) {
    const auto& track = batch.tracks[i];
    const auto home = home_of(i, batch.tracks, file);
    const auto change =
        home ? media::compare(std::span(&file[*home], 1), std::span(&track, 1)) : media::TrackChange::new_file;
    if (change == media::TrackChange::new_file) {
      TRY(finish_file());
      log::info("the coding has changed: a new file begins");
      return begin_file(batch);
    }
    // What the head has must be said again behind key frames that had others.
    const bool after_others = !live_tracks_.empty();
    if (change == media::TrackChange::in_band || after_others) prefixes[*home] = media::parameter_sets_prefix(track);
  }
  key_prefixes_ = std::move(prefixes);
  return {};
}

std::vector<media::Packet> Recording::in_file_tracks(const Batch& batch) const {
  std::vector<std::uint32_t> home(batch.tracks.size());
  bool moved = false;
  for (std::size_t i = 0; i < home.size(); ++i) {
    home[i] = static_cast<std::uint32_t>(home_of(i, batch.tracks, state_.file->tracks).value_or(0));
    moved |= home[i] != i;
  }
  auto packets = batch.packets;
  if (moved)
    for (auto& packet : packets) packet.track = home[packet.track];
  return packets;
}

Result<void> Recording::write(const Batch& batch) {
  TRY(write_media(batch));
  note_extras();
  return {};
}

Result<void> Recording::write_media(const Batch& batch) {
  if (batch.packets.empty()) return note(batch);
  TRY(adapt_to(batch));
  live_tracks_ = batch.tracks;
  const auto written = append(batch);
  if (written) return written;
  if (written.error().kind == ErrorKind::unsupported) {
    TRY(finish_file());
    log::info("{}: a new file begins", written.error().message);
  } else if (written.error().kind == ErrorKind::not_found) {
    give_up_file(written.error());
  } else {
    return written;
  }
  TRY(begin_file(batch));
  return append(batch);
}

// What was recorded into it is gone, as an upload is that somebody ended. What comes from now on is recorded all the same.
void Recording::give_up_file(const Error& error) {
  sealing_ = false;
  log::error("{}; what was recorded into this file is lost", error.message);
  const auto begin = state_.file->start;
  if (state_.end > nanoseconds{0})
    early_gaps_.push_back({rounded_ms(begin), rounded_ms(begin + state_.end), error.message});
  state_.file.reset();
  given_up_ = true;
}

// Nothing but losses: where there is a file to speak of, its journal learns of them at once.
Result<void> Recording::note(const Batch& batch) {
  if (state_.file && !state_.file_done) return commit(batch, {}, state_.end);
  state_.positions = batch.positions;
  state_.timeline = batch.timeline;
  early_gaps_.insert(early_gaps_.end(), batch.gaps.begin(), batch.gaps.end());
  return {};
}

Result<void> Recording::append(const Batch& batch) {
  auto muxed = TRY(media::mux_clusters(in_file_tracks(batch), -state_.file->start, writer_.length(),
                                       state_.file->tracks, key_prefixes_));
  const auto file_end = std::max({state_.end, muxed.end, batch.end - state_.file->start});
  TRY(writer_.append(muxed.pieces));
  auto committed = commit(batch, std::move(muxed.cues), file_end);
  if (!committed) rollback();
  return committed;
}

Result<void> Recording::commit(const Batch& batch, std::vector<media::Cue> cues, nanoseconds file_end) {
  auto gaps = early_gaps_;
  gaps.insert(gaps.end(), batch.gaps.begin(), batch.gaps.end());
  const CommitLine line{.length = writer_.length(),
                        .end = file_end,
                        .positions = batch.positions,
                        .timeline = batch.timeline,
                        .new_cues = cues,
                        .new_gaps = gaps};
  TRY(writer_.commit(to_line(line)));
  note_seam(state_, batch.positions);
  state_.length = line.length;
  state_.end = file_end;
  state_.positions = batch.positions;
  state_.timeline = batch.timeline;
  state_.cues.insert(state_.cues.end(), cues.begin(), cues.end());
  state_.gaps.insert(state_.gaps.end(), gaps.begin(), gaps.end());
  early_gaps_.clear();
  return {};
}

// The journal has no room for the line: the clusters written for it must go too, for they will be written again.
void Recording::rollback() {
  const auto index = state_.file->index;
  const auto undone =
      state_.length > 0 ? writer_.reopen_file(index, state_.length) : writer_.reopen_file(index, writer_.head_size());
  if (!undone) log::error("cannot cut the recording back to its last commit: {}", undone.error().message);
}

void Recording::attach(std::span<const media::Attachment> attachments) {
  attachments_ = media::attachments_element(attachments);
}

// What goes with the recording but is none of it: where it cannot be written the recording goes on without.
void Recording::note_extras() {
  if (!state_.file || state_.file_done || sealing_) return;
  if (const auto noted = note_about(); !noted) return;  // comes again with the next batch, which will say so
  if (attachments_.empty() || state_.attachments || attach_failed_) return;
  const auto attached = append_attachments();
  attach_failed_ = !attached;
  if (!attached) log::warn("cannot attach the thumbnail and the description: {}", attached.error().message);
}

Result<void> Recording::note_about() {
  if (about_ == state_.about) return {};
  const AboutLine line{about_, state_.titles.empty() ? nanoseconds{0} : state_.file->start + state_.end};
  TRY(writer_.commit(to_line(line)));
  recorder::note_about(state_, line);
  return {};
}

// They stand between clusters, as soon as they are there: a successor need not have them, and no memory holds them.
Result<void> Recording::append_attachments() {
  const auto position = writer_.length();
  const ByteView pieces[] = {attachments_};
  TRY(writer_.append(pieces));
  const AttachedLine line{position, writer_.length()};
  if (auto committed = writer_.commit(to_line(line)); !committed) {
    rollback();
    return committed;
  }
  state_.attachments = line.position;
  state_.length = line.length;
  return {};
}

Result<void> Recording::finish_file() {
  sealing_ = true;
  TRY(writer_.seal_file());
  TRY(writer_.finish_file(TRY(head(true))));
  const DoneLine line{state_.file->index, writer_.length(), rounded_ms(state_.end)};
  TRY(writer_.commit(to_line(line)));
  state_.done.push_back(line);
  state_.file_done = true;
  sealing_ = false;
  return {};
}

Result<void> Recording::finish(std::string_view ended_by, std::vector<Gap> last_gaps) {
  // Kept until a commit has carried them: a full disk must not make the verdict better than it is.
  early_gaps_.insert(early_gaps_.end(), last_gaps.begin(), last_gaps.end());
  if (state_.file && !state_.ended_by && !early_gaps_.empty()) {
    Batch last;
    last.positions = state_.positions;
    if (state_.timeline) last.timeline = *state_.timeline;
    TRY(commit(last, {}, state_.end));
  }
  attach_failed_ = false;  // there may be room by now
  note_extras();
  if (!state_.ended_by) {
    TRY(writer_.commit(to_line(EndedLine{std::string(ended_by)})));
    state_.ended_by = ended_by;
  }
  if (state_.file && !state_.file_done) TRY(finish_file());
  return {};
}

std::uint64_t Recording::bytes() const {
  std::uint64_t total = state_.file && !state_.file_done ? state_.length : 0;
  for (const auto& done : state_.done) total += done.bytes;
  return total;
}

nanoseconds Recording::media_time() const {
  nanoseconds total = state_.file && !state_.file_done ? state_.end : nanoseconds{0};
  for (const auto& done : state_.done) total += milliseconds{done.duration_ms};
  return total;
}

std::vector<RecordingFile> Recording::files(std::string_view key) const {
  std::vector<RecordingFile> out;
  out.reserve(state_.done.size() + 1);
  for (const auto& done : state_.done)
    out.push_back({recording_part_key(key, done.index), done.bytes, done.duration_ms});
  if (state_.file && !state_.file_done)
    out.push_back({recording_part_key(key, state_.file->index), state_.length, rounded_ms(state_.end)});
  return out;
}

}  // namespace aircheck::recorder
