#pragma once
// What is done to jobs that no recorder holds: ended as the user wished, or given up. Used by dispatcher and reconciler.

#include "core/ports.hpp"

namespace aircheck::dispatch {

/// Whether the user's wish ends the job now: then it is CANCELLED, and what a cancelled one has recorded is discarded where
/// `recordings` is given. False when it needs a recorder, or has one.
Result<bool> end_if_wished(JobStore& jobs, RecordingStore* recordings, const Job& job, Instant now);

}  // namespace aircheck::dispatch
