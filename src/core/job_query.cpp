#include "core/job_query.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "base/text.hpp"
#include "base/uuid.hpp"

namespace aircheck {

std::string search_needle(std::string_view search) { return lower(search); }

// Line feeds keep a search from matching across two fields.
std::string search_text(const Job& job) {
  return search_needle(fmt::format("{}\n{}\n{}\n{}", job.title, job.channel, job.url, job.video_id));
}

JobPlace place_of(const Job& job) {
  return {.created_ms = job.created_at.value_or(Instant{}).time_since_epoch().count(), .id = job.id};
}

std::string to_cursor(const JobPlace& place) { return fmt::format("{}.{}", place.created_ms, place.id); }

Result<JobPlace> from_cursor(std::string_view cursor) {
  JobPlace place;
  const auto dot = cursor.find('.');
  const auto number = cursor.substr(0, dot);
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), place.created_ms);
  const bool fits = dot != std::string_view::npos && error == std::errc{} && end == number.data() + number.size();
  if (!fits || !is_uuid(cursor.substr(dot + 1)))
    return fail(ErrorKind::invalid_input, "this cursor is none of ours; take the 'next' of the page before");
  place.id = cursor.substr(dot + 1);
  return place;
}

Result<void> check(const JobQuery& query) {
  if (query.limit < 1 || query.limit > 200) return fail(ErrorKind::invalid_input, "a page has 1 to 200 jobs");
  return {};
}

}  // namespace aircheck
