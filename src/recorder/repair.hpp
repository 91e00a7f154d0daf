#pragma once
// The holes of a finished recording filled, as far as the origin still serves what was missing: each file that gains by it is
// made anew beside the old one and takes its place in one step, so that whatever happens meanwhile leaves the one or the
// other. Knows nothing of job stores. Blocks, driving the loop; not thread-safe.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "capture/stream.hpp"
#include "core/job.hpp"
#include "core/ports.hpp"
#include "net/loop.hpp"

namespace aircheck::recorder {

struct RepairProgress {
  std::size_t segments = 0, of_segments = 0;  // asked for so far, and in all
  std::uint64_t bytes = 0, of_bytes = 0;      // of a file that is being made anew; 0: none is
};

struct RepairOptions {
  capture::StreamOptions stream;
  std::function<void(const RepairProgress&)> on_progress;  // often; may be empty
  std::function<bool()> ended;                             // by the user; may be empty
};

/// Whether it is known of any gap which segments it stands for.
bool can_be_asked_for(const std::vector<Gap>& gaps);

struct Repaired {
  std::vector<Gap> gaps;    // of the job, that are left
  std::vector<Gap> filled;  // what is not missing any more
  std::vector<RecordingFile> recordings;
  std::optional<Error> error;  // why something could not even be asked for, or used
};

/// Fills the gaps of a COMPLETED job whose segments are known. A file that is exchanged before an error in a later one stays
/// so: asked again, the same holes are found filled. `conflict` while somebody else repairs it, `cancelled` when the user ended
/// it, `not_found` or `corrupt` when a file is gone or damaged, else the disk's.
Result<Repaired> repair(net::Loop& loop, RecordingStore& recordings, const Job& job, RepairOptions options);

}  // namespace aircheck::recorder
