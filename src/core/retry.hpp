#pragma once
// When to try again. Pure: randomness is handed in.

#include "base/time.hpp"

namespace aircheck {

struct Backoff {
  milliseconds first{250};
  milliseconds most{10'000};

  /// Delay before try `attempt` (1 = the first repetition): doubles from `first` to `most`, times 0.5 to 1.0 by `jitter`
  /// in [0, 1).
  milliseconds delay(int attempt, double jitter) const;
};

}  // namespace aircheck
