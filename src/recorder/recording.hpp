#pragma once
// A recording under way: takes batches of packets, muxes them into Matroska clusters, appends these to the present file and
// commits each batch in the journal together with the positions to go on from. Begins a new file when the coding changes in a
// way that one file cannot carry. Built again from its journal it is as if it had never stopped. Not thread-safe; borrows
// the writer.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/ports.hpp"
#include "media/mkv_attachments.hpp"
#include "media/mkv_cluster.hpp"
#include "media/packet.hpp"
#include "recorder/journal.hpp"
#include "recorder/timeline.hpp"

namespace aircheck::recorder {

/// What belongs together: packets of all tracks in time order, and where each track of the stream stands after them.
struct Batch {
  std::vector<media::Track> tracks;    // as the packets' track indices mean them
  std::vector<media::Packet> packets;  // times on the recording's clock
  nanoseconds end{0};                  // recording's clock
  std::vector<TrackPosition> positions;
  Timeline::State timeline;
  std::vector<Gap> gaps;  // found in this batch
};

class Recording {
 public:
  /// Reads the writer's journal and reopens the file under way, if there is one.
  static Result<Recording> open(RecordingWriter& writer);

  /// A successor's start: positions and clocks as committed; empty for a new recording.
  const std::vector<TrackPosition>& positions() const { return state_.positions; }
  const std::optional<Timeline::State>& timeline() const { return state_.timeline; }
  bool begun() const { return state_.file.has_value(); }
  const std::optional<std::string>& ended_by() const { return state_.ended_by; }

  /// What is recorded; of a new title a chapter tells from then on.
  void describe(About about) { about_ = std::move(about); }
  /// To be put into every file that is written from now on and has none yet; once is enough.
  void attach(std::span<const media::Attachment> attachments);
  /// Writes and commits. On error nothing of the batch counts and the same batch may be written again later.
  Result<void> write(const Batch& batch);
  /// Notes in the journal that the stream has ended, then puts the head in place. May be called again after an error,
  /// without the gaps: they are remembered. The journal stays until the writer is closed.
  Result<void> finish(std::string_view ended_by, std::vector<Gap> last_gaps);

  const std::vector<Gap>& gaps() const { return state_.gaps; }
  std::uint64_t bytes() const;     // of all files
  nanoseconds media_time() const;  // of all files
  std::vector<RecordingFile> files(std::string_view key) const;
  const std::vector<media::Track>* tracks() const { return state_.file ? &state_.file->tracks : nullptr; }

 private:
  Recording(RecordingWriter& writer, JournalState state)
      : writer_(writer), state_(std::move(state)), about_(state_.about) {}
  Result<void> write_media(const Batch& batch);
  Result<void> begin_file(const Batch& batch);
  Result<void> finish_file();
  Result<void> append(const Batch& batch);
  Result<void> note(const Batch& batch);
  Result<void> commit(const Batch& batch, std::vector<media::Cue> cues, nanoseconds file_end);
  Result<void> adapt_to(const Batch& batch);
  void rollback();
  void give_up_file(const Error& error);
  std::vector<media::Packet> in_file_tracks(const Batch& batch) const;
  void note_extras();
  Result<void> note_about();
  Result<void> append_attachments();
  Result<Bytes> head(bool final) const;

  RecordingWriter& writer_;
  JournalState state_;
  About about_;        // as it is now; the journal may not know it yet
  Bytes attachments_;  // as one element; kept for the files that may follow
  bool attach_failed_ = false;
  bool sealing_ = false;                   // nothing but the head is to follow for the present file
  std::vector<media::Track> live_tracks_;  // of the stream at present: parameter sets may differ from the file's
  std::vector<Bytes> key_prefixes_;        // by file track
  bool given_up_ = false;                  // the file before
  std::vector<Gap> early_gaps_;            // found, but in no journal line yet
};

}  // namespace aircheck::recorder
