#pragma once
// Jobs are named by the beginning of their id, as long as it is only theirs. Stateless.

#include <functional>
#include <string>

#include "core/ports.hpp"

namespace aircheck::apps {

/// The id that begins with `prefix`, of those that `list` yields; `invalid_input` when there are several, `not_found` when there
/// is none.
Result<std::string> full_job_id(const std::string& prefix,
                                const std::function<Result<JobPage>(const JobQuery& query)>& list);

}  // namespace aircheck::apps
