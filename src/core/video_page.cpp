#include "core/video_page.hpp"

#include "base/json.hpp"
#include "core/stream_url.hpp"

namespace aircheck {
namespace {

using nlohmann::json;

constexpr int kDeepest = 40;

// The JSON object that begins with the first brace behind `marker`; empty where there is none. Strings may hold braces.
std::string_view object_behind(std::string_view html, std::string_view marker) {
  const auto at = html.find(marker);
  if (at == std::string_view::npos) return {};
  const auto begin = html.find_first_not_of(" =", at + marker.size());
  if (begin == std::string_view::npos || html[begin] != '{') return {};
  int depth = 0;
  bool in_string = false;
  for (auto i = begin; i < html.size(); ++i) {
    if (in_string && html[i] == '\\') ++i;
    else if (html[i] == '"') in_string = !in_string;
    else if (!in_string && html[i] == '{') ++depth;
    else if (!in_string && html[i] == '}' && --depth == 0) return html.substr(begin, i + 1 - begin);
  }
  return {};
}

json object_of(std::string_view html, std::string_view marker) {
  auto value = parse_shallow(object_behind(html, marker), kDeepest);
  return value.is_object() ? value : json::object();
}

bool is_true(const json& object, const char* name) { return member(object, name) == json(true); }

Error hidden(const json& playability) {
  const auto status = text_member(playability, "status"), reason = text_member(playability, "reason");
  if (reason.find("not a bot") != std::string::npos)
    return {ErrorKind::bot_check, "YouTube takes this address for a bot; set a proxy"};
  if (reason == "Private video") return {ErrorKind::private_video, "the video is private"};
  if (status == "ERROR") return {ErrorKind::not_found, "there is no such video"};
  if (status == "LOGIN_REQUIRED") return {ErrorKind::login_required, "YouTube wants a sign-in"};
  return {ErrorKind::no_resolver, "its page does not tell whether it is a broadcast"};
}

// The player's own words first. Where it refuses to say anything, the page around it may still show a counter of viewers, which
// knows a broadcast, if not whether it has begun.
Result<VideoPage::State> state_of(std::string_view html, const json& player) {
  using State = VideoPage::State;
  const auto& playability = member(player, "playabilityStatus");
  const auto& details = member(player, "videoDetails");
  const auto& broadcast =
      member(member(member(player, "microformat"), "playerMicroformatRenderer"), "liveBroadcastDetails");
  if (is_true(details, "isUpcoming") || text_member(playability, "status") == "LIVE_STREAM_OFFLINE")
    return State::upcoming;
  if (is_true(details, "isLive") || is_true(broadcast, "isLiveNow")) return State::live;
  if (!text_member(broadcast, "endTimestamp").empty()) return State::over;
  if (is_true(details, "isLiveContent") && !broadcast.empty()) return State::upcoming;  // it has no end yet
  if (!details.empty()) return State::over;
  const auto counter = object_of(html, "\"videoViewCountRenderer\":");
  if (is_true(counter, "isLive")) return State::live;
  return std::unexpected(hidden(playability));
}

}  // namespace

Result<VideoPage> parse_video_page(std::string_view html) {
  const auto player = object_of(html, "var ytInitialPlayerResponse");
  if (player.empty()) return fail(ErrorKind::corrupt, "the page shows no video");
  VideoPage page;
  page.state = TRY(state_of(html, player));
  const auto& details = member(player, "videoDetails");
  page.video_id = text_member(details, "videoId");
  if (page.video_id.empty())
    page.video_id = text_member(member(object_of(html, "\"currentVideoEndpoint\":"), "watchEndpoint"), "videoId");
  if (!is_video_id(page.video_id)) page.video_id.clear();
  page.title = text_member(details, "title");
  page.channel = text_member(details, "author");
  return page;
}

}  // namespace aircheck
