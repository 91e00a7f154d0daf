#include "aws/dynamo_jobs.hpp"

#include <fmt/core.h>

#include <limits>

#include "aws/dynamo_item.hpp"
#include "aws/dynamo_table.hpp"
#include "aws/json_call.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "base/uuid.hpp"
#include "core/job_json.hpp"
#include "core/job_query.hpp"
#include "core/transitions.hpp"

namespace aircheck::aws {
namespace {

using nlohmann::json;

std::unexpected<Error> no_job(std::string_view id) {
  return fail(ErrorKind::not_found, fmt::format("there is no job {}", id));
}

// Sorts as JobPlace does.
std::string place_text(const JobPlace& place) { return fmt::format("{:020}.{}", place.created_ms, place.id); }

std::int64_t ms(const std::optional<Instant>& time) { return time ? time->time_since_epoch().count() : 0; }

void add_due(json& object, const Job& job, Instant written) {
  if (job.status == JobStatus::pending) {
    object["due_kind"] = "pending";
    object["due_at"] = ms(written);
  } else if (!is_terminal(job.status)) {
    object["due_kind"] = "timed";
    object["due_at"] = ms(job.status == JobStatus::waiting ? job.not_before : job.lease_expires_at);
  }
}

Result<Job> job_of(const json& item) { return job_from_json(TRY(from_item(item))); }

// "IN (:s0, :s1)", with the names put among the values.
template <class Statuses>
std::string status_list(const Statuses& statuses, json& values) {
  std::string list;
  for (const auto status : statuses) {
    const auto name = fmt::format(":s{}", values.size());
    values[name] = {{"S", to_string(status)}};
    list += (list.empty() ? "" : ", ") + name;
  }
  return fmt::format("#status IN ({})", list);
}

// A failed condition's answer holds the item that stood in the way, or nothing when there was none.
json item_in_the_way(const Answer& answer) {
  auto body = json::parse(answer.text(), nullptr, false);
  const auto item = body.is_object() ? body.find("Item") : body.end();
  return body.is_object() && item != body.end() ? *item : json::object();
}

}  // namespace

json job_item(const Job& job, Instant now, const std::string& write_id) {
  auto object = to_json(job);
  object["everything"] = "job";
  object["place"] = place_text(place_of(job));
  object["search"] = search_text(job);
  object["written_at"] = ms(now);
  object["write_id"] = write_id;
  add_due(object, job, now);
  return to_item(object);
}

DynamoJobs::DynamoJobs(Client& client, const Clock& clock, std::string table)
    : client_(client), clock_(clock), table_(std::move(table)) {}

// Whether the condition held; as put_item().
Result<bool> DynamoJobs::put(const Job& job, json condition, json& stored) {
  const auto now = clock_.now();
  condition["TableName"] = table_;
  condition["Item"] = job_item(job, now, make_uuid7(now));
  return put_item(client_, condition, stored);
}

Result<Job> DynamoJobs::create(Job job) {
  job.version = 1;
  json stored;
  if (!TRY(put(job, {{"ConditionExpression", "attribute_not_exists(id)"}}, stored)))
    return fail(ErrorKind::conflict, fmt::format("there is a job {} already", job.id));
  return job;
}

Result<Job> DynamoJobs::get(std::string_view id) {
  if (id.empty()) return no_job(id);
  const auto item = TRY(get_item(client_, table_, id));
  if (item.empty()) return no_job(id);
  return job_of(item);
}

Result<Job> DynamoJobs::replace(Job job) {
  json values{{":version", {{"N", std::to_string(job.version)}}}};
  const auto legal = status_list(predecessors(job.status), values);
  const auto expected = job.version++;
  json stored;
  const auto written = TRY(put(job,
                               {{"ConditionExpression", "#version = :version AND " + legal},
                                {"ExpressionAttributeNames", {{"#version", "version"}, {"#status", "status"}}},
                                {"ExpressionAttributeValues", values}},
                               stored));
  if (written) return job;
  if (stored.empty()) return no_job(job.id);
  if (stored["version"].value("N", "") != std::to_string(expected))
    return fail(ErrorKind::conflict, "the job was changed by somebody else meanwhile");
  return fail(ErrorKind::conflict, fmt::format("a job that is {} cannot become {}", text_attribute(stored, "status"),
                                               to_string(job.status)));
}

Result<void> DynamoJobs::remove(std::string_view id, std::uint64_t version) {
  const auto answer = TRY(call_json(client_, kDynamoDb, "DeleteItem",
                                    {{"TableName", table_},
                                     {"Key", {{"id", {{"S", id}}}}},
                                     {"ConditionExpression", "#version = :version"},
                                     {"ExpressionAttributeNames", {{"#version", "version"}}},
                                     {"ExpressionAttributeValues", {{":version", {{"N", std::to_string(version)}}}}},
                                     {"ReturnValuesOnConditionCheckFailure", "ALL_OLD"}}));
  if (answer.ok()) return {};
  if (answer.code != "ConditionalCheckFailedException")
    return std::unexpected(about_the_table(to_error(answer), "DeleteItem"));
  if (!item_in_the_way(answer).empty())
    return fail(ErrorKind::conflict, "the job was changed by somebody else meanwhile");
  if (answer.attempts > 1) return {};  // gone: by an attempt of ours whose answer was lost, or as good as
  return no_job(id);
}

// Appends what the request finds, page after page, until there are `limit` jobs. One unreadable item must not hide all
// others: it is named in the log and left out.
Result<void> DynamoJobs::query(json request, std::size_t limit, std::vector<Job>& jobs) {
  request["TableName"] = table_;
  return query_items(client_, std::move(request), [&](const json& item) {
    auto job = job_of(item);
    if (job) jobs.push_back(*std::move(job));
    else log::error("an item of {} is left out: {}: {}", table_, job.error().message, text_attribute(item, "id"));
    return jobs.size() < limit;
  });
}

Result<JobPage> DynamoJobs::list(const JobQuery& wanted) {
  TRY(aircheck::check(wanted));
  json values{{":everything", {{"S", "job"}}}}, names;
  std::string key = "everything = :everything", filter;
  if (!wanted.cursor.empty()) {
    // Not within the braces: what they hold already would be lost with the return (g++ 12).
    const auto after = TRY(from_cursor(wanted.cursor));
    values[":after"] = {{"S", place_text(after)}};
    key += " AND place < :after";
  }
  if (!wanted.statuses.empty()) {
    filter = status_list(wanted.statuses, values);
    names["#status"] = "status";
  }
  if (const auto needle = search_needle(wanted.search); !needle.empty()) {
    values[":needle"] = {{"S", needle}};
    names["#search"] = "search";
    filter += (filter.empty() ? "" : " AND ") + std::string("contains(#search, :needle)");
  }
  json request{{"IndexName", "by_place"},
               {"KeyConditionExpression", key},
               {"ExpressionAttributeValues", values},
               {"ScanIndexForward", false}};
  if (filter.empty()) {
    request["Limit"] = wanted.limit + 1;  // one more tells whether there is a next page
  } else {
    request["FilterExpression"] = filter;
    request["ExpressionAttributeNames"] = names;
  }
  JobPage page;
  TRY(query(std::move(request), wanted.limit + 1, page.jobs));
  if (page.jobs.size() > wanted.limit) {
    page.jobs.resize(wanted.limit);
    page.next = to_cursor(place_of(page.jobs.back()));
  }
  return page;
}

Result<std::vector<Job>> DynamoJobs::due(Instant now, milliseconds pending_age, std::size_t limit) {
  std::vector<Job> jobs;
  const auto ask = [&](const char* kind, const char* comparison, Instant until) -> Result<void> {
    return query(
        {{"IndexName", "by_due"},
         {"KeyConditionExpression", fmt::format("due_kind = :kind AND due_at {} :until", comparison)},
         {"ExpressionAttributeValues", {{":kind", {{"S", kind}}}, {":until", {{"N", std::to_string(ms(until))}}}}},
         {"Limit", limit}},
        limit, jobs);
  };
  // Lost recorders first: jobs that merely wait for their turn must not hide them.
  TRY(ask("timed", "<=", now));
  if (jobs.size() < limit) TRY(ask("pending", "<", now - pending_age));
  return jobs;
}

// WAITING ones stand in the same part of the index.
Result<std::vector<Job>> DynamoJobs::held(Instant now) {
  std::vector<Job> jobs;
  TRY(query({{"IndexName", "by_due"},
             {"KeyConditionExpression", "due_kind = :kind AND due_at > :now"},
             {"ExpressionAttributeValues", {{":kind", {{"S", "timed"}}}, {":now", {{"N", std::to_string(ms(now))}}}}}},
            std::numeric_limits<std::size_t>::max(), jobs));
  std::erase_if(jobs, [now](const Job& job) { return !is_held(job, now); });
  return jobs;
}

Result<void> DynamoJobs::create_table() {
  const auto attribute = [](const char* name, const char* type) {
    return json{{"AttributeName", name}, {"AttributeType", type}};
  };
  const auto key = [](const char* name, const char* type) { return json{{"AttributeName", name}, {"KeyType", type}}; };
  const auto index = [&](const char* name, const char* partition, const char* sort) {
    return json{{"IndexName", name},
                {"KeySchema", {key(partition, "HASH"), key(sort, "RANGE")}},
                {"Projection", {{"ProjectionType", "ALL"}}}};
  };
  TRY(json_of(
      client_, kDynamoDb, "CreateTable",
      {{"TableName", table_},
       {"BillingMode", "PAY_PER_REQUEST"},
       {"KeySchema", json::array({key("id", "HASH")})},
       {"AttributeDefinitions",
        {attribute("id", "S"), attribute("everything", "S"), attribute("place", "S"), attribute("due_kind", "S"),
         attribute("due_at", "N")}},
       {"GlobalSecondaryIndexes", {index("by_place", "everything", "place"), index("by_due", "due_kind", "due_at")}}}));
  for (;;) {
    const auto described = TRY(json_of(client_, kDynamoDb, "DescribeTable", {{"TableName", table_}}));
    if (described["Table"].value("TableStatus", "") == "ACTIVE") return {};
  }
}

}  // namespace aircheck::aws
