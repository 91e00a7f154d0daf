#pragma once
// Mastering metadata as codecs and MP4 write it. Pure.

#include "base/bytes.hpp"
#include "media/colour.hpp"

namespace aircheck::media {

/// Of H.265's SEI 137 and MP4's mdcv: chromaticities of green, blue, red, white in 1/50,000, luminance in 1/10,000 cd/m². Nothing
/// is changed where it is cut off.
inline void read_mastering(ByteView bytes, Colour& colour) {
  constexpr std::array<std::size_t, 8> kPlaces{2, 3, 4, 5, 0, 1, 6, 7};
  ByteReader in(bytes);
  Mastering out;
  for (const auto place : kPlaces) out.chromaticities[place] = in.u16() / 50'000.0;
  out.max_luminance = in.u32() / 10'000.0;
  out.min_luminance = in.u32() / 10'000.0;
  if (in.ok()) colour.mastering = out;
}

/// Of H.265's SEI 144, AV1's metadata and MP4's clli.
inline void read_light_level(ByteView bytes, Colour& colour) {
  ByteReader in(bytes);
  const auto most = in.u16(), average = in.u16();
  if (!in.ok()) return;
  colour.max_cll = most;
  colour.max_fall = average;
}

}  // namespace aircheck::media
