#pragma once
// Memory that goes round: bodies and what is made of them come and go in the same few sizes, and a recorder in its steady
// state should need no fresh pages. Not thread-safe.

#include <algorithm>
#include <vector>

#include "base/bytes.hpp"

namespace aircheck::net {

class BufferPool {
 public:
  /// An empty buffer: of those kept the smallest with room for `bytes`, else the largest.
  Bytes take(std::size_t bytes) {
    if (kept_.empty()) return {};
    auto best = kept_.begin();
    for (auto at = kept_.begin(); at != kept_.end(); ++at) {
      const bool fits = at->capacity() >= bytes, best_fits = best->capacity() >= bytes;
      if (fits != best_fits ? fits : (at->capacity() < best->capacity()) == fits) best = at;
    }
    auto out = std::move(*best);
    kept_.erase(best);
    return out;
  }

  /// Keeps the few largest.
  void give(Bytes buffer) {
    if (buffer.capacity() == 0) return;
    buffer.clear();
    kept_.push_back(std::move(buffer));
    if (kept_.size() > kMost) kept_.erase(std::ranges::min_element(kept_, {}, &Bytes::capacity));
  }

 private:
  static constexpr std::size_t kMost = 3;
  std::vector<Bytes> kept_;
};

}  // namespace aircheck::net
