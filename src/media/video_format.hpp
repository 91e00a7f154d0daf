#pragma once
// What a video's parameter sets tell that a container repeats. Plain values; shared by the codecs' header parsers.

#include <cstdint>

#include "base/time.hpp"
#include "media/packet.hpp"

namespace aircheck::media {

struct VideoFormat {
  std::uint32_t width = 0, height = 0;                // cropped, in pixels
  std::uint32_t aspect_width = 1, aspect_height = 1;  // of one pixel
  nanoseconds frame_duration{0};                      // as announced (VUI); 0: nothing is
  Colour colour;
  bool operator==(const VideoFormat&) const = default;
};

/// Copies sizes into the track, and colours that it has not. A pixel that is not square widens the picture and leaves its height.
inline void apply(const VideoFormat& format, Track& track) {
  track.width = format.width;
  track.height = format.height;
  complete(track.colour, format.colour);
  const std::uint64_t across = format.aspect_width, down = format.aspect_height;
  if (across == 0 || down == 0 || across == down) return;
  track.display_width = static_cast<std::uint32_t>((format.width * across + down / 2) / down);
  track.display_height = format.height;
}

}  // namespace aircheck::media
