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

struct Rewritten {
  std::vector<media::Cue> cues;
  std::optional<std::uint64_t> attachments;  // where they are now
  nanoseconds end{0};                        // of what is new
};

/// Appends everything behind the head to `out`. `fresh`: ranges of the spool, each in order of dts, on the file's clock and by
/// its tracks. `on_progress` hears how many bytes of the old file are done; false from it ends the work (`cancelled`).
Result<Rewritten> rewrite(RecordedFile& file, ScratchFile& scratch, std::span<const SpoolRange> fresh,
                          RecordingReplacement& out, const std::function<bool(std::uint64_t done)>& on_progress);

}  // namespace aircheck::recorder
