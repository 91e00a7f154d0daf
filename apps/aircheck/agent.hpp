#pragma once
// `aircheck agent`: takes the jobs of an AWS account and records them from where it runs, into the account's bucket. The
// dispatcher and the reconciler of the account's Lambdas as two loops of a process, and recorders as its children. It holds
// nothing but their run files and logs: whatever becomes of it, another agent goes on with its jobs.

#include <string>

#include "aircheck/bucket_flags.hpp"
#include "aircheck/recording_options.hpp"

namespace aircheck::apps {

struct AgentOptions {
  std::string table, queue_url, dead_letter_url, bucket, prefix;
  BucketFlags flags;
  std::string prices;              // see Prices
  std::string data;                // folder of run files and logs
  std::size_t max_recordings = 4;  // of this agent, at once
  seconds reconcile_every{15};     // DynamoDB is paid by the look
  bool allow_any_host = false;     // a URL that ends in .m3u8 is a playlist
  RecordingOptions recording;
};

/// Works until SIGTERM or SIGINT; then its recorders leave their jobs, at what they have by then, for other recorders.
/// Returns the exit status: 0 after a signal, 1 when it could not start.
int run_agent(const AgentOptions& options);

}  // namespace aircheck::apps
