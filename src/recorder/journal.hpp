#pragma once
// The journal: what a successor needs to go on with a recording, as lines of JSON that a RecordingWriter keeps. Pure.
//
//   file    a file was begun: its index, its place on the timeline, tracks and identity
//   commit  the file reaches to `length` and everything before it counts: positions of the tracks, clocks, cues, gaps
//   about   what is recorded, and from when on it is called so
//   attached  attachments stand in the file, which reaches to `length` now
//   done    a file was finished: its size and duration
//   ended   nothing more will come: only the head is left to be written

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "capture/piece.hpp"
#include "core/job.hpp"
#include "media/mkv_head.hpp"
#include "recorder/timeline.hpp"

namespace aircheck::recorder {

/// Where a track of the stream goes on.
struct TrackPosition {
  capture::Position position;
  std::optional<nanoseconds> skip_until;  // source clock: packets up to this dts are in the file already
  bool operator==(const TrackPosition&) const = default;
};

/// What is recorded, as the page it is found on says.
struct About {
  std::string title, channel;
  std::string url;  // of the page
  std::string video_id;
  std::optional<Instant> broadcast_at;
  bool operator==(const About&) const = default;
};

struct FileLine {
  int index = 0;
  nanoseconds start{0};  // recording's clock at the file's zero
  Instant begun_at{};
  std::array<std::byte, 16> uid{};
  std::vector<media::Track> tracks;
};

struct CommitLine {
  std::uint64_t length = 0;
  nanoseconds end{0};  // file's clock
  std::vector<TrackPosition> positions;
  Timeline::State timeline;
  std::vector<media::Cue> new_cues;
  std::vector<Gap> new_gaps;
};

struct AboutLine {
  About about;
  nanoseconds at{0};  // recording's clock
};

struct AttachedLine {
  std::uint64_t position = 0;  // of the element, from the start of the file
  std::uint64_t length = 0;    // of the file behind it
};

struct DoneLine {
  int index = 0;
  std::uint64_t bytes = 0;
  std::int64_t duration_ms = 0;
};

struct EndedLine {
  std::string by;  // "broadcaster" or "user"
};

std::string to_line(const FileLine& line);
std::string to_line(const CommitLine& line);
std::string to_line(const AboutLine& line);
std::string to_line(const AttachedLine& line);
std::string to_line(const DoneLine& line);
std::string to_line(const EndedLine& line);

/// The sum of a journal's lines.
struct JournalState {
  std::optional<FileLine> file;  // the one being written, or the last
  bool file_done = false;
  std::uint64_t length = 0;  // committed, of the present file; 0: not even the first commit
  nanoseconds end{0};        // file's clock
  std::vector<TrackPosition> positions;
  std::optional<Timeline::State> timeline;
  std::vector<media::Cue> cues;  // of the present file
  std::vector<Gap> gaps;
  std::vector<nanoseconds> seams;  // recording's clock: where the broadcaster's encoder began anew
  About about;
  std::vector<std::pair<nanoseconds, std::string>> titles;  // recording's clock: called so from then on
  std::optional<std::uint64_t> attachments;                 // where they are in the present file
  std::vector<DoneLine> done;
  std::optional<std::string> ended_by;
};

/// A commit with these positions is about to count: notes a seam where they are of a later epoch.
void note_seam(JournalState& state, std::span<const TrackPosition> positions);

/// The recording is called otherwise from `line.at` on, or for the first time.
void note_about(JournalState& state, const AboutLine& line);

/// `corrupt` when a line is none of ours: the recording is then left alone.
Result<JournalState> read_journal(std::span<const std::string> lines);

}  // namespace aircheck::recorder
