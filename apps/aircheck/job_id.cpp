#include "aircheck/job_id.hpp"

#include <fmt/core.h>

#include <utility>
#include <vector>

#include "base/uuid.hpp"

namespace aircheck::apps {

Result<std::string> full_job_id(const std::string& prefix,
                                const std::function<Result<JobPage>(const JobQuery& query)>& list) {
  if (is_uuid(prefix)) return prefix;
  constexpr int kMostPages = 100;  // of 200 jobs, when looking for an abbreviated id
  std::vector<std::string> found;
  JobQuery query{.limit = 200};
  for (int i = 0; i < kMostPages; ++i) {
    auto page = TRY(list(query));
    for (const auto& job : page.jobs)
      if (job.id.starts_with(prefix)) found.push_back(job.id);
    if (page.next.empty()) break;
    query.cursor = std::move(page.next);
  }
  if (found.empty())
    return fail(ErrorKind::not_found, fmt::format("no job's id begins with '{}'. See 'aircheck list'", prefix));
  if (found.size() > 1)
    return fail(ErrorKind::invalid_input,
                fmt::format("{} jobs' ids begin with '{}', {} and {} for instance. Give more of it", found.size(),
                            prefix, found[0], found[1]));
  return found.front();
}

}  // namespace aircheck::apps
