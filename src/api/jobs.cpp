// GET /jobs, GET and DELETE /jobs/{id}, and the user's wishes: stop, cancel, retry.
#include <fmt/core.h>

#include <array>

#include "api/query.hpp"
#include "api/reply.hpp"
#include "api/routes.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "core/job_json.hpp"
#include "core/names.hpp"
#include "core/transitions.hpp"

namespace aircheck::api {
namespace {

constexpr std::size_t kMaxSearch = 200, kMaxCursor = 512;

Response no_such_job(const Error& error) {
  if (error.kind == ErrorKind::not_found) return problem(404, "There is no such job.", "GET /jobs lists all jobs.");
  return problem(error);
}

Response job_reply(const Job& job, const Request& request) {
  return with_etag(json_reply(200, to_json_text(job)), fmt::format("\"v{}\"", job.version), request);
}

std::expected<JobQuery, Response> parse_list_query(const Request& request) {
  const Query query(request.query);
  JobQuery wanted;
  for (const auto& value : query.all("status")) {
    for (const auto name : split(value, ',')) {
      const auto status = job_status_from(name);
      if (!status)
        return std::unexpected(
            problem(400, "There is no status '" + std::string(name.substr(0, 40)) + "'.",
                    "PENDING, STARTED, WAITING, RECORDING, UPLOADING, COMPLETED, FAILED or CANCELLED."));
      wanted.statuses.push_back(*status);
    }
  }
  if (const auto text = query.first("limit")) {
    const auto limit = parse_number(*text);
    if (!limit || *limit < 1 || *limit > 200)
      return std::unexpected(problem(400, "limit must be a number from 1 to 200."));
    wanted.limit = static_cast<std::size_t>(*limit);
  }
  wanted.search = query.first("q").value_or("");
  wanted.cursor = query.first("cursor").value_or("");
  if (wanted.search.size() > kMaxSearch) return std::unexpected(problem(400, "q may have 200 bytes at most."));
  if (wanted.cursor.size() > kMaxCursor)
    return std::unexpected(problem(400, "This cursor is none of ours.", "Take the 'next' of the page before."));
  return wanted;
}

// All the names that the first file of this job may have: the recorder names it after the video or the channel.
std::vector<std::string> recording_keys(const Job& job) {
  if (!job.recordings.empty()) return {job.recordings.front().key};
  std::vector<std::string> keys;
  const auto created = job.created_at.value_or(Instant{});
  for (const auto& label : {job.video_id, recording_label({}, job.url), std::string{}})
    keys.push_back(recording_key(created, label, job.id));
  return keys;
}

Result<void> remove_recordings(const Job& job, const Context& context) {
  for (const auto& key : recording_keys(job))
    if (auto removed = context.recordings.remove(key); !removed) return removed;
  return {};
}

// One of the user's wishes, noted in the stored job.
template <class Change>
Result<Job> change_job(const Context& context, std::string_view id, Change&& change) {
  auto job = update(context.jobs, id, std::forward<Change>(change));
  if (job && context.on_change) context.on_change(*job);
  return job;
}

Response changed(const Result<Job>& job, std::string_view hint) {
  if (job) return json_reply(200, to_json_text(*job));
  return job.error().kind == ErrorKind::conflict ? problem(job.error(), hint) : no_such_job(job.error());
}

}  // namespace

Response list_jobs(const Request& request, const Context& context, std::string_view) {
  const auto query = parse_list_query(request);
  if (!query) return query.error();
  const auto page = context.jobs.list(*query);
  if (!page) return problem(page.error());
  nlohmann::json body{{"jobs", nlohmann::json::array()}, {"next", nullptr}};
  for (const auto& job : page->jobs) body["jobs"].push_back(to_json(job));
  if (!page->next.empty()) body["next"] = page->next;
  auto text = dump(body);
  auto etag = etag_of(text);
  return with_etag(json_reply(200, std::move(text)), std::move(etag), request);
}

Response get_job(const Request& request, const Context& context, std::string_view id) {
  const auto job = context.jobs.get(id);
  return job ? job_reply(*job, request) : no_such_job(job.error());
}

Response stop_job(const Request&, const Context& context, std::string_view id) {
  const auto now = context.clock.now();
  const auto job = change_job(context, id, [&](Job stored) { return request_stop(std::move(stored), now); });
  return changed(job, "Only a job that has not ended can be stopped.");
}

Response cancel_job(const Request&, const Context& context, std::string_view id) {
  const auto now = context.clock.now();
  const auto job = change_job(context, id, [&](Job stored) { return request_cancel(std::move(stored), now); });
  // A recorder that still runs discards its recording itself.
  if (job && job->status == JobStatus::cancelled) {
    if (const auto removed = remove_recordings(*job, context); !removed)
      log::warn("job {} is cancelled, but its recording is still there: {}", id, removed.error().message);
  }
  return changed(job, "Only a job that has not ended can be cancelled; DELETE removes one that has.");
}

Response retry_job(const Request&, const Context& context, std::string_view id) {
  const auto now = context.clock.now();
  const auto job = change_job(context, id, [&](Job stored) { return retry(std::move(stored), now); });
  if (job) {
    // The version makes the token a new one for each retry.
    const auto sent = context.queue.send(id, fmt::format("{}:{}", id, job->version));
    if (!sent) log::warn("job {} could not be queued yet: {}", id, sent.error().message);
    if (context.on_submitted) context.on_submitted();
  }
  return changed(job, "Only a FAILED or CANCELLED job can be tried again.");
}

Response delete_job(const Request&, const Context& context, std::string_view id) {
  Error last;
  for (int i = 0; i < 10; ++i) {
    const auto job = context.jobs.get(id);
    if (!job) return no_such_job(job.error());
    if (!is_terminal(job->status))
      return problem(409, fmt::format("The job is {} and cannot be deleted.", to_string(job->status)),
                     "Cancel it first, or stop it to keep its recording.");
    // Files first: should this fail or break off, the job is still there and DELETE can be sent again.
    if (const auto removed = remove_recordings(*job, context); !removed) return problem(removed.error());
    const auto removed = context.jobs.remove(id, job->version);
    if (removed) return {204, {{"cache-control", "no-store"}}, std::string{}};
    last = removed.error();
    if (last.kind != ErrorKind::conflict) break;
  }
  return no_such_job(last);
}

}  // namespace aircheck::api
