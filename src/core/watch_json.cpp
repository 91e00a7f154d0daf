#include "core/watch_json.hpp"

#include "base/json.hpp"

namespace aircheck {
namespace {

using nlohmann::json;

bool is_set(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && !found->is_null();
}

std::unexpected<Error> odd(const char* name) {
  return fail(ErrorKind::corrupt, std::string("a watch with an odd value in ") + name);
}

Result<std::string> text(const json& object, const char* name) {
  if (!is_set(object, name)) return std::string{};
  if (!object[name].is_string()) return odd(name);
  return object[name].get<std::string>();
}

Result<std::optional<Instant>> time(const json& object, const char* name) {
  if (!is_set(object, name)) return std::optional<Instant>{};
  const auto instant = from_rfc3339(TRY(text(object, name)));
  if (!instant) return odd(name);
  return instant;
}

Result<std::optional<Error>> error(const json& object, const char* name) {
  if (!is_set(object, name)) return std::optional<Error>{};
  if (!object[name].is_object()) return odd(name);
  const auto kind = error_kind_from(TRY(text(object[name], "kind")));
  auto message = TRY(text(object[name], "message"));
  return Error{kind, std::move(message)};
}

Result<std::optional<SeenVideo>> video(const json& object, const char* name) {
  if (!is_set(object, name)) return std::optional<SeenVideo>{};
  if (!object[name].is_object()) return odd(name);
  SeenVideo seen;
  seen.video_id = TRY(text(object[name], "video_id"));
  seen.title = TRY(text(object[name], "title"));
  return seen;
}

}  // namespace

json to_json(const Watch& watch) {
  json out{{"id", watch.id},
           {"channel", watch.channel},
           {"title", watch.title},
           {"quality", watch.quality},
           {"from_start", watch.from_start},
           {"created_at", to_rfc3339(watch.created_at)},
           {"channel_id", watch.channel_id},
           {"channel_name", watch.channel_name},
           {"last_checked_at", time_json(watch.last_checked_at)},
           {"next_check_at", time_json(watch.next_check_at)},
           {"last_error", nullptr},
           {"last_seen", nullptr},
           {"last_job_id", watch.last_job_id.empty() ? json(nullptr) : json(watch.last_job_id)}};
  if (const auto& error = watch.last_error)
    out["last_error"] = {{"kind", to_string(error->kind)}, {"message", error->message}};
  if (const auto& seen = watch.last_seen) out["last_seen"] = {{"video_id", seen->video_id}, {"title", seen->title}};
  return out;
}

std::string to_json_text(const Watch& watch) {
  // Titles come from outside: what is not UTF-8 is replaced instead of thrown over.
  return to_json(watch).dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<Watch> watch_from_json(const json& value) {
  if (!value.is_object()) return fail(ErrorKind::corrupt, "a watch that is no JSON object");
  Watch watch;
  watch.id = TRY(text(value, "id"));
  watch.channel = TRY(text(value, "channel"));
  watch.title = TRY(text(value, "title"));
  watch.quality = TRY(text(value, "quality"));
  if (is_set(value, "from_start") && !value["from_start"].is_boolean()) return odd("from_start");
  watch.from_start = is_set(value, "from_start") && value["from_start"].get<bool>();
  watch.created_at = TRY(time(value, "created_at")).value_or(Instant{});
  watch.channel_id = TRY(text(value, "channel_id"));
  watch.channel_name = TRY(text(value, "channel_name"));
  watch.last_checked_at = TRY(time(value, "last_checked_at"));
  watch.next_check_at = TRY(time(value, "next_check_at"));
  watch.last_error = TRY(error(value, "last_error"));
  watch.last_seen = TRY(video(value, "last_seen"));
  watch.last_job_id = TRY(text(value, "last_job_id"));
  return watch;
}

Result<Watch> watch_from_json_text(std::string_view text) {
  const auto value = parse_shallow(text, 4);
  if (value.is_discarded()) return fail(ErrorKind::corrupt, "a watch that is no JSON");
  return watch_from_json(value);
}

}  // namespace aircheck
