#pragma once
// Chance for pauses between tries, so that many recorders do not ask at the same moment. Not thread-safe.

#include <random>

namespace aircheck::capture {

/// Between 0 and 1.
inline double jitter() {
  static std::minstd_rand generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(generator);
}

}  // namespace aircheck::capture
