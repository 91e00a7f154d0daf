#include "aws/dynamo_watches.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "aws/dynamo_item.hpp"
#include "aws/dynamo_jobs.hpp"
#include "aws/dynamo_table.hpp"
#include "aws/sigv4.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "base/uuid.hpp"
#include "core/watch_json.hpp"

namespace aircheck::aws {
namespace {

using nlohmann::json;

constexpr int kTries = 10;                  // of writes that others come before
constexpr std::size_t kMostVerdicts = 120;  // more than a feed may hold; YouTube's has 15
constexpr seconds kRemembered{90 * 24 * 60 * 60};
constexpr auto kNew = "attribute_not_exists(id)";

std::unexpected<Error> no_watch(std::string_view id) {
  return fail(ErrorKind::not_found, fmt::format("there is no watch {}", id));
}

std::unexpected<Error> too_busy() {
  return fail(ErrorKind::unavailable, "others kept writing to the same watch; the next look tries again");
}

std::string watch_key(std::string_view id) { return fmt::format("watch#{}", id); }
std::string verdicts_key(std::string_view id) { return fmt::format("verdicts#{}", id); }
std::string broadcast_key(std::string_view video_id) { return fmt::format("broadcast#{}", video_id); }
// A key has 2 KiB at most, which an address and a title may exceed.
std::string watched_key(const Watch& watch) {
  const auto name = fmt::format("{}\n{}", watch.channel, watch.title);
  return "watched#" + sha256_hex(as_bytes(name));
}

std::int64_t ms(Instant time) { return time.time_since_epoch().count(); }

json item_of(const Watch& watch) {
  json object{{"id", watch_key(watch.id)},
              {"everything", "watch"},
              {"place", fmt::format("{:020}.{}", ms(watch.created_at), watch.id)},
              {"watch", to_json(watch)}};
  if (watch.next_check_at) object["next_check_ms"] = ms(*watch.next_check_at);
  return to_item(object);
}

Result<Watch> watch_of(const json& item) {
  const auto found = item.find("watch");
  if (found == item.end()) return fail(ErrorKind::corrupt, "it holds no watch");
  const auto value = TRY(from_attribute(*found));
  return watch_from_json(value);
}

}  // namespace

struct DynamoWatches::Put {
  json item;
  std::string condition;
  json names = json::object(), values = json::object();

  json request(const std::string& table) const {
    json out{{"TableName", table}, {"Item", item}, {"ConditionExpression", condition}};
    if (!names.empty()) out["ExpressionAttributeNames"] = names;
    if (!values.empty()) out["ExpressionAttributeValues"] = values;
    return out;
  }
  json operation(const std::string& table) const {
    auto out = request(table);
    out["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD";
    return {{"Put", std::move(out)}};
  }
  void sign(Instant now) { item["write_id"] = {{"S", make_uuid7(now)}}; }
};

DynamoWatches::DynamoWatches(Client& client, const Clock& clock, std::string table)
    : client_(client), clock_(clock), table_(std::move(table)) {}

// Whether it was written; if not, `is_there` tells whether there is such an item at all.
Result<bool> DynamoWatches::put(const Put& put, bool& is_there) {
  json stored;
  const auto written = TRY(put_item(client_, put.request(table_), stored));
  is_there = !stored.empty();
  return written;
}

Result<Watch> DynamoWatches::create(Watch watch) {
  Put row{item_of(watch), kNew};
  row.sign(clock_.now());
  const Put verdicts{to_item({{"id", verdicts_key(watch.id)}, {"videos", json::array()}, {"number", 0}}), kNew};
  const Put only{to_item({{"id", watched_key(watch)}, {"watch_id", watch.id}}), kNew};
  json reasons;
  const json all{row.operation(table_), verdicts.operation(table_), only.operation(table_)};
  for (int i = 0; i < kTries; ++i) {
    if (TRY(write_all(client_, all, reasons))) return watch;
    for (const auto& reason : reasons)
      if (reason.value("Code", "") == "ConditionalCheckFailed")
        return fail(ErrorKind::conflict, "the channel is watched already");
  }
  return too_busy();
}

Result<std::vector<Watch>> DynamoWatches::list() {
  std::vector<Watch> watches;
  TRY(query_items(client_,
                  {{"TableName", table_},
                   {"IndexName", "by_place"},
                   {"KeyConditionExpression", "everything = :everything"},
                   {"ExpressionAttributeValues", {{":everything", {{"S", "watch"}}}}}},
                  [&](const json& item) {
                    // One unreadable item must not hide all others.
                    auto watch = watch_of(item);
                    if (watch) watches.push_back(*std::move(watch));
                    else log::error("{} is left out: {}", text_attribute(item, "id"), watch.error().message);
                    return true;
                  }));
  return watches;
}

Result<void> DynamoWatches::replace(const Watch& watch) {
  bool is_there = false;
  if (!TRY(put({item_of(watch), "attribute_exists(id)"}, is_there))) return no_watch(watch.id);
  return {};
}

Result<bool> DynamoWatches::claim(const Watch& watch, const std::optional<Instant>& expected) {
  Put claimed{item_of(watch), "attribute_exists(id) AND attribute_not_exists(next_check_ms)"};
  if (expected) {
    claimed.condition = "next_check_ms = :expected";
    claimed.values[":expected"] = {{"N", std::to_string(ms(*expected))}};
  }
  claimed.sign(clock_.now());
  bool is_there = false;
  const auto written = TRY(put(claimed, is_there));
  if (!written && !is_there) return no_watch(watch.id);
  return written;
}

// Unconditional, so that a repetition whose first answer was lost succeeds too.
Result<void> DynamoWatches::remove(std::string_view id) {
  const auto item = TRY(get_item(client_, table_, watch_key(id)));
  if (item.empty()) return no_watch(id);
  const auto watch = TRY(watch_of(item));
  for (const auto& key : {watch_key(id), verdicts_key(id), watched_key(watch)})
    TRY(ask_table(client_, "DeleteItem", {{"TableName", table_}, {"Key", {{"id", {{"S", key}}}}}}));
  return {};
}

Result<DynamoWatches::Verdicts> DynamoWatches::verdicts(std::string_view id) {
  const auto item = TRY(get_item(client_, table_, verdicts_key(id)));
  if (item.empty()) return no_watch(id);
  const auto object = TRY(from_item(item));
  const auto videos = object.find("videos"), number = object.find("number");
  if (videos == object.end() || !videos->is_array() || number == object.end() || !number->is_number_integer())
    return fail(ErrorKind::corrupt, fmt::format("what is known of the videos of watch {} cannot be read", id));
  Verdicts out{.number = number->get<std::uint64_t>()};
  for (const auto& video : *videos)
    if (video.is_string()) out.video_ids.push_back(video.get<std::string>());
  return out;
}

DynamoWatches::Put DynamoWatches::with_verdict(std::string_view id, const Verdicts& before,
                                               std::string_view video_id) const {
  auto videos = json::array();
  const auto left_out = before.video_ids.size() < kMostVerdicts ? 0 : before.video_ids.size() - kMostVerdicts + 1;
  for (auto i = left_out; i < before.video_ids.size(); ++i) videos.push_back(before.video_ids[i]);
  videos.push_back(video_id);
  Put put{to_item({{"id", verdicts_key(id)}, {"videos", std::move(videos)}, {"number", before.number + 1}}),
          "#number = :number",
          {{"#number", "number"}},
          {{":number", {{"N", std::to_string(before.number)}}}}};
  put.sign(clock_.now());
  return put;
}

Result<std::vector<std::string>> DynamoWatches::unjudged(std::string_view id, std::vector<std::string> video_ids) {
  const auto known = verdicts(id);
  if (!known && known.error().kind == ErrorKind::not_found) return video_ids;
  if (!known) return std::unexpected(known.error());
  std::erase_if(video_ids, [&](const auto& video_id) {
    return std::ranges::find(known->video_ids, video_id) != known->video_ids.end();
  });
  return video_ids;
}

Result<void> DynamoWatches::dismiss(std::string_view id, std::string_view video_id) {
  for (int i = 0; i < kTries; ++i) {
    const auto known = TRY(verdicts(id));
    if (std::ranges::find(known.video_ids, video_id) != known.video_ids.end()) return {};
    bool is_there = false;
    if (TRY(put(with_verdict(id, known, video_id), is_there))) return {};
  }
  return too_busy();
}

// Whether the broadcast has the job that a watch gave to it, or any other.
Result<bool> DynamoWatches::has_job(const std::string& video_id, const std::string& job_id) {
  if (!job_id.empty() && !TRY(get_item(client_, table_, job_id)).empty()) return true;
  bool found = false;
  TRY(query_items(client_,
                  {{"TableName", table_},
                   {"IndexName", "by_place"},
                   {"KeyConditionExpression", "everything = :everything"},
                   {"FilterExpression", "video_id = :video"},
                   {"ExpressionAttributeValues", {{":everything", {{"S", "job"}}}, {":video", {{"S", video_id}}}}},
                   {"ScanIndexForward", false}},
                  [&](const json&) {
                    found = true;
                    return false;
                  }));
  return found;
}

Result<std::optional<Job>> DynamoWatches::admit(std::string_view id, Job job) {
  job.version = 1;
  for (int i = 0; i < kTries; ++i) {
    const auto known = TRY(verdicts(id));
    if (std::ranges::find(known.video_ids, job.video_id) != known.video_ids.end()) return std::optional<Job>{};
    const auto key = broadcast_key(job.video_id);
    const auto before = text_attribute(TRY(get_item(client_, table_, key)), "job_id");
    if (TRY(has_job(job.video_id, before))) {
      TRY(dismiss(id, job.video_id));
      return std::optional<Job>{};
    }
    const auto now = clock_.now();
    const auto expires = std::chrono::duration_cast<seconds>((now + kRemembered).time_since_epoch()).count();
    Put broadcast{to_item({{"id", key}, {"job_id", job.id}, {"expires_at", expires}}), kNew};
    if (!before.empty()) {  // its job was deleted
      broadcast.condition = "job_id = :before";
      broadcast.values[":before"] = {{"S", before}};
    }
    const Put row{job_item(job, now, make_uuid7(now)), kNew};
    const json all{with_verdict(id, known, job.video_id).operation(table_), row.operation(table_),
                   broadcast.operation(table_)};
    json reasons;
    if (TRY(write_all(client_, all, reasons))) return std::optional<Job>(std::move(job));
    if (reasons[1].value("Code", "") == "ConditionalCheckFailed")
      return fail(ErrorKind::conflict, fmt::format("there is a job {} already", job.id));
  }
  return too_busy();
}

}  // namespace aircheck::aws
