#pragma once
// Watches for tests.

#include <cstdint>
#include <string>

#include "core/job_samples_testing.hpp"
#include "core/watch.hpp"

namespace aircheck {

/// A watch as it is when it was just made; watches of growing numbers are growing in age too.
inline Watch test_watch(std::uint64_t number) {
  Watch watch;
  watch.id = test_id(number);
  watch.channel = "https://www.youtube.com/@channel" + std::to_string(number);
  watch.created_at = *from_rfc3339("2026-11-23T08:00:00Z") + seconds{number};
  return watch;
}

/// One with everything set.
inline Watch full_watch(std::uint64_t number) {
  auto watch = test_watch(number);
  watch.title = "news|\"late\"";
  watch.quality = "720";
  watch.from_start = true;
  watch.channel_id = "UC0123456789abcdefghijkl";
  watch.channel_name = "Ärger & Co";
  watch.last_checked_at = watch.created_at + seconds{60};
  watch.next_check_at = watch.created_at + milliseconds{120'500};
  watch.last_error = Error{ErrorKind::unavailable, "the server answered 500"};
  watch.last_seen = SeenVideo{.video_id = "live0000001", .title = "The news"};
  watch.last_job_id = test_id(99);
  return watch;
}

}  // namespace aircheck
