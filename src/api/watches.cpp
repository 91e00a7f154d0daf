// GET and POST /watches, DELETE /watches/{id}: the channels that are recorded whenever they go live.
#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "api/body.hpp"
#include "api/reply.hpp"
#include "api/routes.hpp"
#include "base/json.hpp"
#include "base/uuid.hpp"
#include "core/title_pattern.hpp"
#include "core/watch_json.hpp"

namespace aircheck::api {
namespace {

constexpr std::size_t kMostWatches = 500;  // each costs a request a minute
constexpr std::array<std::string_view, 4> kWatchFields{"channel", "title", "quality", "from_start"};
constexpr auto kWatchExample = R"(Send {"channel": "@name"}.)";

using CheckedWatch = std::expected<Watch, Response>;

std::optional<Response> check_watch_types(const nlohmann::json& body) {
  for (const auto& [name, value] : body.items()) {
    if (std::ranges::find(kWatchFields, name) == kWatchFields.end())
      return problem(422, "There is no field named '" + name.substr(0, 40) + "'.",
                     "Known are channel, title, quality and from_start.");
    if (value.is_null() && name != "channel") continue;
    if (name == "from_start" && !value.is_boolean()) return problem(422, "from_start must be true or false.");
    if (name != "from_start" && !value.is_string()) return problem(422, name + " must be a text.");
  }
  return {};
}

std::string text(const nlohmann::json& body, const char* name, std::string fallback = {}) {
  return body.contains(name) && body[name].is_string() ? body[name].get<std::string>() : std::move(fallback);
}

CheckedWatch check_watch_fields(const nlohmann::json& body) {
  if (auto problem = check_watch_types(body)) return std::unexpected(*std::move(problem));
  if (!body.contains("channel")) return unprocessable("channel is missing.", kWatchExample);
  const auto channel = parse_channel(text(body, "channel"));
  if (!channel) return std::unexpected(problem(channel.error(), "Send @name, an id (UC…), or the channel's address."));
  Watch watch{.channel = channel->url, .channel_id = channel->id};
  watch.title = text(body, "title");
  if (has_control(watch.title)) return unprocessable("title has control characters.");
  if (const auto pattern = TitlePattern::compile(watch.title); !pattern)
    return unprocessable(pattern.error().message, "Send a regular expression of what may stand in a title.");
  auto quality = normal_quality(text(body, "quality", "best"));
  if (!quality)
    return unprocessable("quality is neither best nor a height.", "Send \"best\", or a height such as \"720\".");
  watch.quality = *std::move(quality);
  watch.from_start = body.contains("from_start") && body["from_start"] == true;
  return watch;
}

CheckedWatch parse_watch(const Request& request) {
  const auto body = parse_body(request, kWatchExample);
  if (!body) return std::unexpected(body.error());
  return check_watch_fields(*body);
}

Response store(const Context& context, Watch watch) {
  const auto others = context.watches.list();
  if (!others) return problem(others.error());
  if (others->size() >= kMostWatches)
    return problem(409, fmt::format("{} channels are watched, which is the most.", kMostWatches),
                   "Remove another first.");
  const auto stored = context.watches.create(std::move(watch));
  if (!stored && stored.error().kind == ErrorKind::conflict)
    return problem(409, "That channel is watched already, for the same titles.", "Remove it first to change it.");
  if (!stored) return problem(stored.error());
  if (context.on_watched) context.on_watched();
  return json_reply(201, to_json_text(*stored));
}

}  // namespace

Response list_watches(const Request& request, const Context& context, std::string_view) {
  const auto watches = context.watches.list();
  if (!watches) return problem(watches.error());
  nlohmann::json body{{"watches", nlohmann::json::array()}};
  for (const auto& watch : *watches) body["watches"].push_back(to_json(watch));
  auto answer = dump(body);
  auto etag = etag_of(answer);
  return with_etag(json_reply(200, std::move(answer)), std::move(etag), request);
}

Response create_watch(const Request& request, const Context& context, std::string_view) {
  auto watch = parse_watch(request);
  if (!watch) return std::move(watch.error());
  watch->created_at = context.clock.now();
  watch->id = make_uuid7(watch->created_at);
  return store(context, *std::move(watch));
}

Response delete_watch(const Request&, const Context& context, std::string_view id) {
  const auto removed = context.watches.remove(id);
  if (removed) return {204, {{"cache-control", "no-store"}}, std::string{}};
  if (removed.error().kind != ErrorKind::not_found) return problem(removed.error());
  return problem(404, "There is no such watch.", "GET /watches lists all watches.");
}

}  // namespace aircheck::api
