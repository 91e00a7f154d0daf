#pragma once
// The shape of one pixel as H.264 and HEVC write it into their VUI (table E-1 of both). Pure.

#include <array>
#include <tuple>
#include <utility>

#include "media/bit_reader.hpp"
#include "media/video_format.hpp"

namespace aircheck::media {

inline void read_pixel_shape(BitReader& in, VideoFormat& out) {
  constexpr std::array<std::pair<std::uint32_t, std::uint32_t>, 17> kShapes{{{1, 1},
                                                                             {1, 1},
                                                                             {12, 11},
                                                                             {10, 11},
                                                                             {16, 11},
                                                                             {40, 33},
                                                                             {24, 11},
                                                                             {20, 11},
                                                                             {32, 11},
                                                                             {80, 33},
                                                                             {18, 11},
                                                                             {15, 11},
                                                                             {64, 33},
                                                                             {160, 99},
                                                                             {4, 3},
                                                                             {3, 2},
                                                                             {2, 1}}};
  constexpr std::uint32_t kCustom = 255;
  const auto code = in.u32(8);
  if (code == kCustom) {
    out.aspect_width = in.u32(16);
    out.aspect_height = in.u32(16);
  } else if (code < kShapes.size()) {
    std::tie(out.aspect_width, out.aspect_height) = kShapes[code];
  }
}

}  // namespace aircheck::media
