#pragma once
// The one JSON form of a job: what the API answers, SQLite keeps and the CLI prints with --json. Unset optional fields are
// null, enumerations their upper-case names, instants RFC 3339. Unknown members are ignored when read.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "core/job.hpp"

namespace aircheck {

nlohmann::json to_json(const MissingSegments& segments);
nlohmann::json to_json(const Gap& gap);
nlohmann::json to_json(const Job& job);
std::string to_json_text(const Job& job);
/// `corrupt` when it is not JSON, or a member is of the wrong type or value.
Result<Job> job_from_json(const nlohmann::json& value);
Result<Job> job_from_json_text(std::string_view text);

}  // namespace aircheck
