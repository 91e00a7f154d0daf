#pragma once
// `aircheck serve`: the whole of aircheck on one machine. SQLite store and queue, a folder of recordings or a bucket, recorders as child
// processes, and four loops (HTTP, dispatcher, reconciler, watcher). Recorders outlive it; the next server finds them again.

#include <string>
#include <vector>

#include "aircheck/bucket_flags.hpp"
#include "aircheck/recording_options.hpp"

namespace aircheck::apps {

struct ServeOptions {
  std::string listen = "127.0.0.1:8470";
  std::string data;   // folder; see DataFolder
  std::string store;  // "s3://bucket/prefix" of the recordings; empty: the folder
  BucketFlags bucket;
  std::string token;  // empty: none, and loopback only
  std::string token_file;
  std::string web;                        // folder of the dashboard; empty: find_dashboard()
  std::vector<std::string> cors_origins;  // pages elsewhere that may call the API
  bool allow_any_host = false;            // not only YouTube; a URL that ends in .m3u8 is a playlist
  bool allow_private_hosts = false;       // loopback and private addresses too
  std::size_t max_recordings = 0;         // at once; 0: no limit
  seconds watch_interval{60};             // between two looks at a watched channel
  RecordingOptions recording;
};

/// Serves until SIGTERM or SIGINT; prints its address alone on a line of standard output once it accepts. Returns the exit
/// status: 0 after a signal, 1 when it could not start, 2 when its options are wrong.
int serve(const ServeOptions& options);

/// The dashboard's files of the build tree or of the installation; empty when there are none.
std::string find_dashboard();

}  // namespace aircheck::apps
