#include "core/job_json.hpp"

#include "base/json.hpp"

namespace aircheck {
namespace {

using nlohmann::json;

json error_json(const Error& error) { return {{"kind", to_string(error.kind)}, {"message", error.message}}; }
json file_json(const RecordingFile& file) {
  return {{"key", file.key}, {"bytes", file.bytes}, {"duration_ms", file.duration_ms}};
}
json cost_json(const Cost& cost) {
  return {{"task_ms", cost.task_ms},
          {"requests", cost.requests},
          {"task_microusd", cost.task_microusd},
          {"requests_microusd", cost.requests_microusd},
          {"storage_microusd_month", cost.storage_microusd_month}};
}
json verdict_json(const Verdict& verdict) { return {{"complete", verdict.complete}, {"ended_by", verdict.ended_by}}; }

template <class Items, class Convert>
json list_json(const Items& items, Convert&& convert) {
  auto list = json::array();
  for (const auto& item : items) list.push_back(convert(item));
  return list;
}

// Reads the members of one object. The first member that does not fit is remembered, and everything after it is skipped.
class Fields {
 public:
  explicit Fields(const json& object) : object_(object) {}

  const std::string& problem() const { return problem_; }

  void text(const char* name, std::string& out) {
    if (const auto* value = find(name, &json::is_string)) out = value->get<std::string>();
  }
  void flag(const char* name, bool& out) {
    if (const auto* value = find(name, &json::is_boolean)) out = value->get<bool>();
  }
  template <class Number>
  void number(const char* name, Number& out) {
    const auto* value = find(name, &json::is_number_integer);
    if (!value) return;
    const auto read = whole_number<Number>(*value);
    if (!read) return refuse(name);
    out = *read;
  }
  template <class Number>
  void number(const char* name, std::optional<Number>& out) {
    if (is_set(name)) number(name, out.emplace());
  }
  void time(const char* name, std::optional<Instant>& out) {
    const auto* value = find(name, &json::is_string);
    if (!value) return;
    out = from_rfc3339(value->get_ref<const std::string&>());
    if (!out) refuse(name);
  }
  template <class Value, class Parse>
  void name_in(const char* name, Value& out, Parse&& parse) {
    const auto* value = find(name, &json::is_string);
    if (!value) return;
    const auto parsed = parse(value->get_ref<const std::string&>());
    if (!parsed) return refuse(name);
    out = *parsed;
  }
  // `read(Fields&, Value&)` reads the members of a nested object.
  template <class Value, class Read>
  void object(const char* name, std::optional<Value>& out, Read&& read) {
    const auto* value = find(name, &json::is_object);
    if (value) nested(name, *value, out.emplace(), read);
  }
  template <class Value, class Read>
  void list(const char* name, std::vector<Value>& out, Read&& read) {
    const auto* value = find(name, &json::is_array);
    if (!value) return;
    for (const auto& item : *value) {
      if (!item.is_object()) return refuse(name);
      nested(name, item, out.emplace_back(), read);
    }
  }

 private:
  bool is_set(const char* name) const {
    const auto found = object_.find(name);
    return problem_.empty() && found != object_.end() && !found->is_null();
  }
  const json* find(const char* name, bool (json::*is_type)() const noexcept) {
    if (!is_set(name)) return nullptr;
    const auto& value = *object_.find(name);
    if ((value.*is_type)()) return &value;
    refuse(name);
    return nullptr;
  }
  void refuse(const std::string& name) {
    if (problem_.empty()) problem_ = name;
  }
  template <class Value, class Read>
  void nested(const char* name, const json& value, Value& out, Read&& read) {
    Fields inner(value);
    read(inner, out);
    if (!inner.problem().empty()) refuse(std::string(name) + "." + inner.problem());
  }

  const json& object_;
  std::string problem_;
};

void read_segments(Fields& fields, MissingSegments& segments) {
  fields.text("track", segments.track);
  fields.text("format_id", segments.format_id);
  fields.number("epoch", segments.epoch);
  fields.number("first", segments.first);
  fields.number("last", segments.last);
}

void read_gap(Fields& fields, Gap& gap) {
  fields.number("start_ms", gap.start_ms);
  fields.number("end_ms", gap.end_ms);
  fields.text("reason", gap.reason);
  fields.object("segments", gap.segments, read_segments);
}

void read_file(Fields& fields, RecordingFile& file) {
  fields.text("key", file.key);
  fields.number("bytes", file.bytes);
  fields.number("duration_ms", file.duration_ms);
}

void read_verdict(Fields& fields, Verdict& verdict) {
  fields.flag("complete", verdict.complete);
  fields.text("ended_by", verdict.ended_by);
}

void read_cost(Fields& fields, Cost& cost) {
  fields.number("task_ms", cost.task_ms);
  fields.number("requests", cost.requests);
  fields.number("task_microusd", cost.task_microusd);
  fields.number("requests_microusd", cost.requests_microusd);
  fields.number("storage_microusd_month", cost.storage_microusd_month);
}

void read_error(Fields& fields, Error& error) {
  fields.name_in("kind", error.kind, [](std::string_view name) { return std::optional(error_kind_from(name)); });
  fields.text("message", error.message);
}

void read_description(Fields& fields, Job& job) {
  fields.text("id", job.id);
  fields.text("url", job.url);
  fields.text("video_id", job.video_id);
  fields.text("title", job.title);
  fields.text("channel", job.channel);
  fields.text("thumbnail_url", job.thumbnail_url);
  fields.text("quality", job.quality);
  fields.text("quality_got", job.quality_got);
  fields.flag("from_start", job.from_start);
  fields.number("from_ms", job.from_ms);
}

void read_times(Fields& fields, Job& job) {
  fields.time("created_at", job.created_at);
  fields.time("started_at", job.started_at);
  fields.time("recording_at", job.recording_at);
  fields.time("uploading_at", job.uploading_at);
  fields.time("completed_at", job.completed_at);
  fields.time("heartbeat_at", job.heartbeat_at);
  fields.time("lease_expires_at", job.lease_expires_at);
  fields.time("not_before", job.not_before);
  fields.number("expires_at", job.expires_at);
}

void read_progress(Fields& fields, Job& job) {
  fields.name_in("status", job.status, job_status_from);
  fields.name_in("stop_requested", job.stop_requested, stop_request_from);
  fields.number("bytes", job.bytes);
  fields.number("media_ms", job.media_ms);
  fields.number("lag_ms", job.lag_ms);
  fields.number("attempt", job.attempt);
  fields.number("fruitless_attempts", job.fruitless_attempts);
  fields.text("lease_owner", job.lease_owner);
  fields.number("version", job.version);
  fields.list("gaps", job.gaps, read_gap);
  fields.list("recordings", job.recordings, read_file);
  fields.object("verdict", job.verdict, read_verdict);
  fields.object("cost", job.cost, read_cost);
  fields.object("error", job.error, read_error);
}

void add_times(json& out, const Job& job) {
  out["created_at"] = time_json(job.created_at);
  out["started_at"] = time_json(job.started_at);
  out["recording_at"] = time_json(job.recording_at);
  out["uploading_at"] = time_json(job.uploading_at);
  out["completed_at"] = time_json(job.completed_at);
  out["heartbeat_at"] = time_json(job.heartbeat_at);
  out["lease_expires_at"] = time_json(job.lease_expires_at);
  out["not_before"] = time_json(job.not_before);
  out["expires_at"] = job.expires_at ? json(*job.expires_at) : json(nullptr);
}

}  // namespace

// What is not known is left out, as jobs of older versions have it.
json to_json(const MissingSegments& segments) {
  json out{{"track", segments.track}, {"first", segments.first}, {"last", segments.last}};
  if (!segments.format_id.empty()) out["format_id"] = segments.format_id;
  if (segments.epoch) out["epoch"] = *segments.epoch;
  return out;
}

json to_json(const Gap& gap) {
  json out{{"start_ms", gap.start_ms}, {"end_ms", gap.end_ms}, {"reason", gap.reason}};
  if (gap.segments) out["segments"] = to_json(*gap.segments);
  return out;
}

json to_json(const Job& job) {
  json out{{"id", job.id},
           {"url", job.url},
           {"video_id", job.video_id},
           {"title", job.title},
           {"channel", job.channel},
           {"thumbnail_url", job.thumbnail_url},
           {"status", to_string(job.status)},
           {"quality", job.quality},
           {"quality_got", job.quality_got},
           {"from_start", job.from_start},
           {"from_ms", job.from_ms},
           {"bytes", job.bytes},
           {"media_ms", job.media_ms},
           {"lag_ms", job.lag_ms},
           {"gaps", list_json(job.gaps, [](const Gap& gap) { return to_json(gap); })},
           {"attempt", job.attempt},
           {"fruitless_attempts", job.fruitless_attempts},
           {"lease_owner", job.lease_owner},
           {"stop_requested", to_string(job.stop_requested)},
           {"recordings", list_json(job.recordings, file_json)},
           {"verdict", job.verdict ? verdict_json(*job.verdict) : json(nullptr)},
           {"cost", job.cost ? cost_json(*job.cost) : json(nullptr)},
           {"error", job.error ? error_json(*job.error) : json(nullptr)},
           {"version", job.version}};
  add_times(out, job);
  return out;
}

std::string to_json_text(const Job& job) {
  // Titles come from outside: what is not UTF-8 is replaced instead of thrown over.
  return to_json(job).dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<Job> job_from_json(const json& value) {
  if (!value.is_object()) return fail(ErrorKind::corrupt, "a job that is no JSON object");
  Job job;
  Fields fields(value);
  read_description(fields, job);
  read_times(fields, job);
  read_progress(fields, job);
  if (!fields.problem().empty()) return fail(ErrorKind::corrupt, "a job with an odd value in " + fields.problem());
  return job;
}

Result<Job> job_from_json_text(std::string_view text) {
  const auto value = parse_shallow(text, 8);
  if (value.is_discarded()) return fail(ErrorKind::corrupt, "a job that is no JSON");
  return job_from_json(value);
}

}  // namespace aircheck
