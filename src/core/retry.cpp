#include "core/retry.hpp"

#include <algorithm>

namespace aircheck {

milliseconds Backoff::delay(int attempt, double jitter) const {
  const auto doubled = first * (std::int64_t{1} << std::clamp(attempt - 1, 0, 20));
  const auto full = std::min<milliseconds>(doubled, most);
  return milliseconds(static_cast<std::int64_t>(static_cast<double>(full.count()) * (0.5 + jitter / 2)));
}

}  // namespace aircheck
