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
  const auto last = bytes.size() - 2;  // the first zero stands before
  auto at = from;
  // Two zeros in a row are rare in coded video: whole blocks without them are passed over.
  while (at < last) {
    if (at + Block::size() < bytes.size()) {
      const Block here(data + at, stdx::element_aligned), next(data + at + 1, stdx::element_aligned);
      if (stdx::none_of((here | next) == 0)) {
        at += Block::size();
        continue;
      }
    }
    const auto end = std::min(at + Block::size(), last);
    for (; at < end; ++at)
      if (data[at] == 0 && data[at + 1] == 0 && data[at + 2] == 1) return at + 2;
  }
  return kNoStartCode;
}

}  // namespace aircheck::media
