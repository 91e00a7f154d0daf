#pragma once
// Where HLS goes on from yt-dlp's own download, which has no numbers in common with it: by the clock on the wall, how long after
// what was recorded last a segment was broadcast, and whether it surely was. Pure.

#include <vector>

#include "base/time.hpp"
#include "capture/piece.hpp"
#include "media/playlist.hpp"

namespace aircheck::capture {

/// So many segments later than what was recorded last a segment must begin to be surely new: that long ago the newest may have been
/// listed, and so much later may another way bring the same.
inline constexpr int kSeamDoubt = 3;

/// One for each of the playlist's segments. `now`: when it was read; `behind`: when the last that is recorded came. Of a segment
/// that was listed when it was complete it is known when it began, to a segment's length; one that began so much later than
/// `behind` as the two ways may differ is surely new, and so is one whose EXT-X-PROGRAM-DATE-TIME says so, where that is a
/// clock on the wall.
std::vector<Seam> seams_of(const media::MediaPlaylist& playlist, Instant now, Instant behind);

}  // namespace aircheck::capture
