// libstdc++'s random_device wants arc4random, which glibc has since 2.36; Lambda's machines have 2.34. Only linked into
// programs for those.
#include <sys/random.h>

#include <cstdlib>

extern "C" unsigned arc4random() noexcept {
  unsigned value = 0;
  // Four bytes come whole or not at all, and never block once the machine is up.
  if (::getrandom(&value, sizeof value, 0) != sizeof value) std::abort();
  return value;
}
