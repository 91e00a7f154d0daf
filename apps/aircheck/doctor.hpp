#pragma once
// What must hold for recording on this machine, looked at one by one. Each check blocks for a few seconds at most.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "aircheck/recording_options.hpp"

namespace aircheck::apps {

enum class Health { ok, warn, fail };
std::string_view to_string(Health health);

struct Finding {
  std::string name;  // "yt-dlp"
  Health health = Health::ok;
  std::string found;   // "2026.10.26, 28 days old"
  std::string remedy;  // what to do; empty when all is well
};

struct DoctorOptions {
  RecordingOptions recording;
  std::string data;  // folder whose disk is looked at
};

/// In their order: yt-dlp, JavaScript runtime, yt-dlp-ejs, disk, network, clock.
std::vector<std::function<Finding()>> checks(const DoctorOptions& options);

// The pure parts, for tests:

/// yt-dlp's "2026.10.26" or "2026.10.26.232901" as a day; nothing for anything else.
std::optional<Instant> release_day(std::string_view version);
/// Whether "v22.1.0", "deno 2.3.1 (…)" … is at least major.minor.
bool version_at_least(std::string_view text, int major, int minor);
/// An HTTP date such as "Mon, 23 Nov 2026 08:02:11 GMT".
std::optional<Instant> parse_http_date(std::string_view text);

}  // namespace aircheck::apps
