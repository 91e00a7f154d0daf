#pragma once
// What the stores have in common when jobs are listed: the search text and the cursor. Pure.

#include <string>
#include <string_view>

#include "core/ports.hpp"

namespace aircheck {

/// What is searched in, in lower case (ASCII letters only: other scripts match as they are written).
std::string search_text(const Job& job);
/// A search in the same form.
std::string search_needle(std::string_view search);

/// The place of a job in the list that is sorted from the newest: by time of creation, then by id.
struct JobPlace {
  std::int64_t created_ms = 0;
  std::string id;
  auto operator<=>(const JobPlace&) const = default;
};
JobPlace place_of(const Job& job);
/// A page's cursor, "<ms>.<id>": the page begins behind it.
std::string to_cursor(const JobPlace& place);
/// `invalid_input` for a cursor that is none of ours.
Result<JobPlace> from_cursor(std::string_view cursor);
/// `invalid_input` when the limit is out of bounds.
Result<void> check(const JobQuery& query);

}  // namespace aircheck
