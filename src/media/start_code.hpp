#pragma once
// The search for Annex B start codes. Every byte of a transport stream's video passes here. Pure; thread-safe.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <experimental/simd>

#include "base/bytes.hpp"

namespace aircheck::media {

constexpr std::size_t kNoStartCode = SIZE_MAX;

/// The position of the 01 of the first 00 00 01 that begins at `from` or later, else kNoStartCode.
inline std::size_t find_start_code(ByteView bytes, std::size_t from) {
  namespace stdx = std::experimental;
  using Block = stdx::native_simd<unsigned char>;
  if (bytes.size() < from + 3) return kNoStartCode;
  const auto* const data = reinterpret_cast<const unsigned char*>(bytes.data());
  const auto last = bytes.size() - 2;             // the first zero stands before
  const auto pairs = [data](std::size_t first) {  // 0: two zeros in a row
    return Block(data + first, stdx::element_aligned) | Block(data + first + 1, stdx::element_aligned);
  };
  constexpr auto kSize = Block::size();
  auto at = from;
  // Those are rare in coded video: what has none is passed over in large steps. Single zeros are too many to be a hint.
  while (at < last) {
    if (at + 4 * kSize <= last &&
        stdx::none_of(stdx::min(stdx::min(pairs(at), pairs(at + kSize)),
                                stdx::min(pairs(at + 2 * kSize), pairs(at + 3 * kSize))) == 0)) {
      at += 4 * kSize;
      continue;
    }
    for (const auto end = std::min(at + 4 * kSize, last); at < end; ++at)
      if (data[at] == 0 && data[at + 1] == 0 && data[at + 2] == 1) return at + 2;
  }
  return kNoStartCode;
}

}  // namespace aircheck::media
