#pragma once
// Writing rows of the table of jobs, for all who do so within a transaction of their own. Not thread-safe.

#include <cstdint>

#include "core/job.hpp"
#include "sqlite/database.hpp"

namespace aircheck::sqlite {

/// The number of the next change, for the feed of changes.
Result<std::uint64_t> next_change(Database& database);
/// Stores a new job with version 1; `conflict` when its id exists.
Result<Job> insert_job(Database& database, Job job, Instant now);

}  // namespace aircheck::sqlite
