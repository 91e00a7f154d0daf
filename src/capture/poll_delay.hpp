#pragma once
// When a live playlist is worth reading again.

#include <cstdint>

#include "base/time.hpp"

namespace aircheck::capture {

struct PlaylistNews {
  nanoseconds target{0};          // the playlist's target duration
  std::uint64_t added = 0;        // segments that it did not list the time before
  bool more_than_queued = false;  // it lists more than there was room for
  bool drops = false;             // segments leave it at its other end
};

/// From one request to the next: the target duration after a change, half of it without one (RFC 8216 §6.3.4). A stream served
/// faster than real time brings several segments at once, and is asked that much more often; a playlist of hours that drops
/// nothing, and has more than is queued, seldom.
milliseconds poll_delay(const PlaylistNews& news);

}  // namespace aircheck::capture
