#pragma once
// `aircheck record`: one recording in the foreground, with a progress line, from a URL to a file or an object.

#include <string>

#include "aircheck/bucket_flags.hpp"
#include "capture/stream.hpp"
#include "net/http.hpp"

namespace aircheck::apps {

struct ForegroundOptions {
  std::string output;  // path of the .mkv, or s3://bucket/key.mkv
  BucketFlags bucket;
  bool force = false;  // record anew over a finished or foreign file
  bool json = false;   // progress and result as JSON lines on standard output
  bool quiet = false;
  bool chat = false;   // live chat too, beside the file
  bool refill = true;  // what is missing at the end is asked for once more
  capture::StreamOptions stream;
  net::HttpOptions http;
};

/// Records until the stream ends or the user ends it. Returns the process's exit status: 0 complete or ended by the user,
/// 1 failed, 3 kept but with holes, 130 or 143 left unfinished at the user's second Ctrl-C or at SIGTERM.
int record_in_foreground(const ForegroundOptions& options);

}  // namespace aircheck::apps
