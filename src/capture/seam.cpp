#include "capture/seam.hpp"

#include <algorithm>

namespace aircheck::capture {
namespace {

// A date that is off by more is no clock on the wall.
constexpr nanoseconds kOldest = std::chrono::minutes{5}, kAhead = seconds{5};

bool is_wall_clock(const media::MediaPlaylist& playlist, Instant now) {
  if (playlist.segments.empty() || playlist.more) return false;
  const auto& newest = playlist.segments.back();
  if (!newest.program_date_time) return false;
  const nanoseconds age = now - *newest.program_date_time - newest.duration;
  return age < kOldest && age > -kAhead;
}

}  // namespace

std::vector<Seam> seams_of(const media::MediaPlaylist& playlist, Instant now, Instant behind) {
  std::vector<Seam> out;
  nanoseconds left = playlist.beyond;
  for (const auto& segment : playlist.segments) left += segment.duration;
  const bool dated = is_wall_clock(playlist, now);
  const auto doubt = kSeamDoubt * std::max<nanoseconds>(playlist.target_duration, seconds{1});
  for (const auto& segment : playlist.segments) {
    const nanoseconds after = nanoseconds{now - behind} - left;  // at the latest
    const bool by_date = dated && segment.program_date_time && *segment.program_date_time >= behind;
    out.push_back({.after = after, .sure = after >= doubt || (by_date && after >= nanoseconds{0})});
    left -= segment.duration;
  }
  return out;
}

}  // namespace aircheck::capture
