// GET /health, /metrics and /events: how the server is, and what changes.
#include <fmt/core.h>

#include <array>

#include "api/query.hpp"
#include "api/reply.hpp"
#include "api/routes.hpp"
#include "base/json.hpp"
#include "base/text.hpp"

namespace aircheck::api {
namespace {

constexpr std::array kStatuses{JobStatus::pending,   JobStatus::started,   JobStatus::waiting, JobStatus::recording,
                               JobStatus::uploading, JobStatus::completed, JobStatus::failed,  JobStatus::cancelled};
constexpr int kMostPages = 50;  // of 200: a scrape looks at the newest 10,000 jobs

struct Totals {
  std::array<std::size_t, kStatuses.size()> jobs{};
  std::uint64_t bytes = 0;
  std::int64_t media_ms = 0, most_lag_ms = 0;
  std::size_t gaps = 0;
};

void count(Totals& totals, const Job& job) {
  ++totals.jobs[static_cast<std::size_t>(job.status)];
  totals.bytes += job.bytes;
  totals.media_ms += job.media_ms;
  totals.gaps += job.gaps.size();
  if (is_active(job.status)) totals.most_lag_ms = std::max(totals.most_lag_ms, job.lag_ms);
}

Result<Totals> count_jobs(JobStore& jobs) {
  Totals totals;
  JobQuery query{.limit = 200};
  for (int page = 0; page < kMostPages; ++page) {
    auto found = TRY(jobs.list(query));
    for (const auto& job : found.jobs) count(totals, job);
    if (found.next.empty()) break;
    query.cursor = std::move(found.next);
  }
  return totals;
}

void describe(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
  out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

template <class Value>
void gauge(std::string& out, std::string_view name, std::string_view help, Value value) {
  describe(out, name, "gauge", help);
  out += fmt::format("{} {}\n", name, value);
}

void write_totals(std::string& out, const Totals& totals) {
  describe(out, "aircheck_jobs", "gauge", "Jobs by status.");
  for (const auto status : kStatuses)
    out += fmt::format("aircheck_jobs{{status=\"{}\"}} {}\n", to_string(status),
                       totals.jobs[static_cast<std::size_t>(status)]);
  gauge(out, "aircheck_recorded_bytes", "Bytes recorded by all jobs.", totals.bytes);
  gauge(out, "aircheck_recorded_seconds", "Media time recorded by all jobs.",
        static_cast<double>(totals.media_ms) / 1000);
  gauge(out, "aircheck_gaps", "Time ranges that are missing in the recordings of all jobs.", totals.gaps);
  gauge(out, "aircheck_lag_seconds", "How far the slowest running recording is behind the live edge.",
        static_cast<double>(totals.most_lag_ms) / 1000);
}

void write_queue(std::string& out, const JobQueue::Depth& depth) {
  describe(out, "aircheck_queue_messages", "gauge", "Messages in the queue by state.");
  out += fmt::format("aircheck_queue_messages{{state=\"waiting\"}} {}\n", depth.waiting);
  out += fmt::format("aircheck_queue_messages{{state=\"in_flight\"}} {}\n", depth.in_flight);
  out += fmt::format("aircheck_queue_messages{{state=\"dead\"}} {}\n", depth.dead);
}

}  // namespace

Response get_metrics(const Request&, const Context& context, std::string_view) {
  const auto totals = count_jobs(context.jobs);
  if (!totals) return problem(totals.error());
  const auto depth = context.queue.depth();
  if (!depth) return problem(depth.error());
  std::string out;
  describe(out, "aircheck_build_info", "gauge", "The program's version; always 1.");
  out += fmt::format("aircheck_build_info{{version=\"{}\"}} 1\n", context.version);
  write_totals(out, *totals);
  write_queue(out, *depth);
  if (context.more_metrics) out += context.more_metrics();
  return {200,
          {{"content-type", "text/plain; version=0.0.4; charset=utf-8"}, {"cache-control", "no-store"}},
          std::move(out)};
}

Response get_health(const Request&, const Context& context, std::string_view) {
  const auto page = context.jobs.list({.limit = 1});
  const auto depth = context.queue.depth();
  if (!page || !depth) {
    const auto& error = !page ? page.error() : depth.error();
    return problem(503, "The job store does not answer: " + error.message,
                   "See the server's log; `aircheck doctor` may know more.");
  }
  const nlohmann::json body{{"status", "ok"}, {"version", context.version}, {"time", to_rfc3339(context.clock.now())}};
  auto reply = json_reply(200, dump(body));
  reply.headers["cache-control"] = "no-store";
  return reply;
}

Response get_events(const Request& request, const Context& context, std::string_view) {
  if (!context.changes)
    return problem(501, "There are no events here.", "Ask GET /jobs with If-None-Match every few seconds.");
  const auto cursor = parse_number(trim(header(request, "last-event-id")));
  const auto asked = parse_number(Query(request.query).first("last_event_id").value_or(""));
  Headers headers{{"content-type", "text/event-stream"}, {"cache-control", "no-store"}, {"x-accel-buffering", "no"}};
  if (request.method == "HEAD") return {200, std::move(headers), std::string{}};
  return {200, std::move(headers), EventStream{cursor ? *cursor : asked.value_or(0)}};
}

}  // namespace aircheck::api
