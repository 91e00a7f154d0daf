#pragma once
// What is done to jobs that no recorder holds: ended as the user wished, or given up. Used by dispatcher and reconciler.

#include "core/ports.hpp"

namespace aircheck::dispatch {

/// What a conditional write says when another one has changed the job, or deleted it: there is nothing left to do.
inline bool somebody_was_faster(const Error& error) {
  return error.kind == ErrorKind::conflict || error.kind == ErrorKind::not_found;
}

/// Whether the user's wish ends the job now: then it is CANCELLED, and what a cancelled one has recorded is discarded where
/// `recordings` is given. False when it needs a recorder, or has one.
Result<bool> end_if_wished(JobStore& jobs, RecordingStore* recordings, const Job& job, Instant now);

}  // namespace aircheck::dispatch
