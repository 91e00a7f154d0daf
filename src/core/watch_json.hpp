#pragma once
// The one JSON form of a watch: what the API answers, SQLite keeps and the CLI prints with --json. Unset optional fields are
// null, instants RFC 3339. Unknown members are ignored when read.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "core/watch.hpp"

namespace aircheck {

nlohmann::json to_json(const Watch& watch);
std::string to_json_text(const Watch& watch);
/// `corrupt` when it is not JSON, or a member is of the wrong type or value.
Result<Watch> watch_from_json(const nlohmann::json& value);
Result<Watch> watch_from_json_text(std::string_view text);

}  // namespace aircheck
