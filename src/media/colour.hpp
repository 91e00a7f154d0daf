#pragma once
// What the numbers of a picture mean as light: the code points of ITU-T H.273 (the same in H.265, AV1, VP9 and Matroska), and
// for HDR what the picture was mastered on. Plain values.

#include <array>
#include <cstdint>
#include <optional>

namespace aircheck::media {

/// The display that a picture was mastered on (SMPTE ST 2086).
struct Mastering {
  std::array<double, 8> chromaticities{};       // CIE 1931 x and y of red, green, blue and white
  double max_luminance = 0, min_luminance = 0;  // cd/m²
  bool operator==(const Mastering&) const = default;
};

struct Colour {
  static constexpr std::uint8_t kUnspecified = 2;
  enum class Range : std::uint8_t { unspecified, broadcast, full };  // as Matroska counts them

  std::uint8_t primaries = kUnspecified, transfer = kUnspecified, matrix = kUnspecified;
  Range range = Range::unspecified;
  std::optional<Mastering> mastering;
  std::uint32_t max_cll = 0, max_fall = 0;  // brightest pixel, brightest frame on average, cd/m²; 0: unknown
  bool operator==(const Colour&) const = default;

  void set(std::uint8_t new_primaries, std::uint8_t new_transfer, std::uint8_t new_matrix, bool full) {
    primaries = new_primaries;
    transfer = new_transfer;
    matrix = new_matrix;
    range = full ? Range::full : Range::broadcast;
  }
  bool is_known() const { return *this != Colour{}; }
};

/// Whether a picture of one cannot be shown rightly as the other: both say what they are, and it is not the same.
inline bool contradicts(const Colour& one, const Colour& other) {
  const auto differs = [](std::uint8_t a, std::uint8_t b) {
    return a != Colour::kUnspecified && b != Colour::kUnspecified && a != b;
  };
  return differs(one.primaries, other.primaries) || differs(one.transfer, other.transfer) ||
         differs(one.matrix, other.matrix);
}

/// What `other` says beyond `colour`.
inline void complete(Colour& colour, const Colour& other) {
  if (colour.transfer == Colour::kUnspecified && colour.primaries == Colour::kUnspecified &&
      colour.matrix == Colour::kUnspecified) {
    colour.primaries = other.primaries;
    colour.transfer = other.transfer;
    colour.matrix = other.matrix;
    if (other.range != Colour::Range::unspecified) colour.range = other.range;
  }
  if (!colour.mastering) colour.mastering = other.mastering;
  if (colour.max_cll == 0 && colour.max_fall == 0) {
    colour.max_cll = other.max_cll;
    colour.max_fall = other.max_fall;
  }
}

}  // namespace aircheck::media
