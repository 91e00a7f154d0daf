#include "core/job_json.hpp"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

namespace aircheck {
namespace {

using nlohmann::json;

json instant(const std::optional<Instant>& time) { return time ? json(to_rfc3339(*time)) : json(nullptr); }

json gaps_json(const std::vector<Gap>& gaps) {
  json out = json::array();
  for (const auto& gap : gaps) out.push_back({{"start_ms", gap.start_ms}, {"end_ms", gap.end_ms}, {"reason", gap.reason}});
  return out;
}

json files_json(const std::vector<RecordingFile>& files) {
  json out = json::array();
  for (const auto& file : files) out.push_back({{"key", file.key}, {"bytes", file.bytes}, {"duration_ms", file.duration_ms}});
  return out;
}

json verdict_json(const std::optional<Verdict>& verdict) {
  if (!verdict) return nullptr;
  return {{"complete", verdict->complete}, {"ended_by", verdict->ended_by}};
}

json error_json(const std::optional<Error>& error) {
  if (!error) return nullptr;
  return {{"kind", to_string(error->kind)}, {"message", error->message}};
}

// Reads members; throws nlohmann's exceptions or std::invalid_argument, which job_from_json turns into an Error.
class Reader {
 public:
  explicit Reader(const json& object) : object_(object) {}

  template <class T>
  void read(const char* name, T& into) const {
    if (const auto found = object_.find(name); found != object_.end() && !found->is_null()) into = found->get<T>();
  }
  void read(const char* name, std::optional<Instant>& into) const {
    std::string text;
    read(name, text);
    if (text.empty()) return;
    into = from_rfc3339(text);
    if (!into) throw std::invalid_argument(fmt::format("{} is no time", name));
  }
  const json* member(const char* name) const {
    const auto found = object_.find(name);
    return found == object_.end() || found->is_null() ? nullptr : &*found;
  }

 private:
  const json& object_;
};

template <class Value>
Value need(std::optional<Value> value, const char* name) {
  if (!value) throw std::invalid_argument(fmt::format("{} has an unknown value", name));
  return *value;
}

void read_lists(const Reader& reader, Job& job) {
  if (const auto* gaps = reader.member("gaps"))
    for (const auto& gap : *gaps) job.gaps.push_back({gap.at("start_ms"), gap.at("end_ms"), gap.at("reason")});
  if (const auto* files = reader.member("recordings"))
    for (const auto& file : *files) job.recordings.push_back({file.at("key"), file.at("bytes"), file.at("duration_ms")});
  if (const auto* verdict = reader.member("verdict"))
    job.verdict = Verdict{verdict->at("complete"), verdict->at("ended_by")};
  if (const auto* error = reader.member("error"))
    job.error = Error{error_kind_from(error->at("kind").get<std::string>()), error->at("message")};
}

void read_times(const Reader& reader, Job& job) {
  reader.read("created_at", job.created_at);
  reader.read("started_at", job.started_at);
  reader.read("recording_at", job.recording_at);
  reader.read("uploading_at", job.uploading_at);
  reader.read("completed_at", job.completed_at);
  reader.read("heartbeat_at", job.heartbeat_at);
  reader.read("lease_expires_at", job.lease_expires_at);
  reader.read("not_before", job.not_before);
}

void read_plain(const Reader& reader, Job& job) {
  reader.read("id", job.id);
  reader.read("url", job.url);
  reader.read("video_id", job.video_id);
  reader.read("title", job.title);
  reader.read("channel", job.channel);
  reader.read("thumbnail_url", job.thumbnail_url);
  reader.read("quality", job.quality);
  reader.read("quality_got", job.quality_got);
  reader.read("from_start", job.from_start);
  reader.read("bytes", job.bytes);
  reader.read("media_ms", job.media_ms);
  reader.read("lag_ms", job.lag_ms);
  reader.read("attempt", job.attempt);
  reader.read("lease_owner", job.lease_owner);
  reader.read("version", job.version);
  if (const auto* expires = reader.member("expires_at")) job.expires_at = expires->get<std::int64_t>();
}

}  // namespace

json to_json(const Job& job) {
  return {{"id", job.id},
          {"url", job.url},
          {"video_id", job.video_id},
          {"title", job.title},
          {"channel", job.channel},
          {"thumbnail_url", job.thumbnail_url},
          {"status", to_string(job.status)},
          {"quality", job.quality},
          {"quality_got", job.quality_got},
          {"from_start", job.from_start},
          {"created_at", instant(job.created_at)},
          {"started_at", instant(job.started_at)},
          {"recording_at", instant(job.recording_at)},
          {"uploading_at", instant(job.uploading_at)},
          {"completed_at", instant(job.completed_at)},
          {"heartbeat_at", instant(job.heartbeat_at)},
          {"bytes", job.bytes},
          {"media_ms", job.media_ms},
          {"lag_ms", job.lag_ms},
          {"gaps", gaps_json(job.gaps)},
          {"attempt", job.attempt},
          {"lease_owner", job.lease_owner},
          {"lease_expires_at", instant(job.lease_expires_at)},
          {"not_before", instant(job.not_before)},
          {"stop_requested", to_string(job.stop_requested)},
          {"recordings", files_json(job.recordings)},
          {"verdict", verdict_json(job.verdict)},
          {"error", error_json(job.error)},
          {"expires_at", job.expires_at ? json(*job.expires_at) : json(nullptr)},
          {"version", job.version}};
}

// Titles come from strangers: bytes that are no UTF-8 become U+FFFD.
std::string to_json_text(const Job& job) { return to_json(job).dump(-1, ' ', false, json::error_handler_t::replace); }

Result<Job> job_from_json(const json& value) {
  if (!value.is_object()) return fail(ErrorKind::corrupt, "a job is a JSON object");
  try {
    Job job;
    const Reader reader(value);
    read_plain(reader, job);
    read_times(reader, job);
    read_lists(reader, job);
    std::string status = "PENDING", request = "none";
    reader.read("status", status);
    reader.read("stop_requested", request);
    job.status = need(job_status_from(status), "status");
    job.stop_requested = need(stop_request_from(request), "stop_requested");
    return job;
  } catch (const std::exception& problem) {
    return fail(ErrorKind::corrupt, fmt::format("not a job: {}", problem.what()));
  }
}

Result<Job> job_from_json_text(std::string_view text) {
  const auto value = json::parse(text, nullptr, false);
  if (value.is_discarded()) return fail(ErrorKind::corrupt, "not JSON");
  return job_from_json(value);
}

}  // namespace aircheck
