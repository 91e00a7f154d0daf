#pragma once
// A finished recording and what it lacked, brought together into a new file in order of time. Clusters that nothing new
// belongs to are copied as they are; the others are muxed again. One pass, in bounded memory. Not thread-safe.

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "core/ports.hpp"
#include "media/mkv_head.hpp"
#include "recorder/recorded_file.hpp"
#include "recorder/spool.hpp"

namespace aircheck::recorder {

/// A packet of the old file that the new one does without.
struct StalePacket {
  std::uint32_t track = 0;
  nanoseconds pts{0};  // file's clock, as it was read
  std::size_t bytes = 0;
};

/// What is to be brought into the file.
struct Changes {
  std::vector<SpoolRange> fresh;  // each in order of dts, on the file's clock and by its tracks
  std::vector<StalePacket> stale;
};

struct Rewritten {
  std::vector<media::Cue> cues;
  std::optional<std::uint64_t> attachments;  // where they are now
  nanoseconds end{0};                        // of what is new
};

/// Appends everything behind the head to `out`. `on_progress` hears how many bytes of the old file are done; false from it ends the work (`cancelled`).
Result<Rewritten> rewrite(RecordedFile& file, ScratchFile& scratch, const Changes& changes, RecordingReplacement& out,
                          const std::function<bool(std::uint64_t done)>& on_progress);

}  // namespace aircheck::recorder
