// Reads the JSON that yt-dlp prints. Of its hundreds of members only those that we act on; any may be missing, null or of an
// unexpected type, for yt-dlp knows a thousand sites.
#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "capture/fragment_url.hpp"
#include "capture/resolver.hpp"

namespace aircheck::capture {
namespace {

using nlohmann::json;

std::string text(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

double number(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number() ? found->get<double>() : 0;
}

std::uint32_t pixels(const json& object, const char* name) {
  const auto value = number(object, name);
  return value > 0 && value < 65536 ? static_cast<std::uint32_t>(value) : 0;
}

// Absent codecs are "none"; an unknown one (null) counts as there.
bool has_codec(const json& format, const char* name) { return text(format, name) != "none"; }

std::vector<std::string> header_lines(const json& format) {
  std::vector<std::string> out;
  const auto headers = format.find("http_headers");
  if (headers == format.end() || !headers->is_object()) return out;
  for (const auto& [name, value] : headers->items()) {
    if (!value.is_string()) continue;
    auto line = name + ": " + value.get<std::string>();
    if (line.find_first_of("\r\n") == std::string::npos) out.push_back(std::move(line));
  }
  return out;
}

// Sound that was levelled (DRC) is for those who cannot have the real one.
double preference(const json& format) {
  const bool levelled = text(format, "format_note").find("DRC") != std::string::npos;
  return number(format, "language_preference") - (levelled ? 0.5 : 0);
}

bool has_drm(const json& format) {
  const auto found = format.find("has_drm");
  return found != format.end() && found->is_boolean() && found->get<bool>();
}

Format read_format(const json& value) {
  const auto protocol = text(value, "protocol");
  return {.id = text(value, "format_id"),
          .url = text(value, "url"),
          .protocol = protocol,
          .video = has_codec(value, "vcodec"),
          .audio = has_codec(value, "acodec"),
          .width = pixels(value, "width"),
          .height = pixels(value, "height"),
          .frame_rate = number(value, "fps"),
          .bitrate = number(value, "tbr"),
          .headers = header_lines(value),
          .fragments = !protocol.starts_with("m3u8") && is_fragment_url(text(value, "url")),
          .preference = preference(value)};
}

LiveStatus live_status(const json& info) {
  const auto name = text(info, "live_status");
  if (name == "is_live") return LiveStatus::is_live;
  if (name == "is_upcoming") return LiveStatus::is_upcoming;
  if (name == "post_live") return LiveStatus::post_live;
  if (name == "was_live") return LiveStatus::was_live;
  if (name == "not_live") return LiveStatus::not_live;
  return LiveStatus::unknown;
}

}  // namespace

Result<Resolution> parse_resolution(std::string_view input) {
  const auto line = input.find('\n');
  auto info = json::parse(input.substr(0, line), nullptr, false);
  if (!info.is_object()) info = json::parse(input, nullptr, false);
  if (!info.is_object()) return fail(ErrorKind::no_resolver, "yt-dlp printed something that is not its JSON");
  if (line != std::string_view::npos && !info.contains("formats"))
    info["formats"] = json::parse(input.substr(line), nullptr, false);  // "NA" where there are none
  Resolution out;
  out.video_id = text(info, "id");
  // yt-dlp adds the present time to a live stream's title ("… 2026-11-23 08:02"), but not to this one.
  out.title = text(info, "fulltitle");
  if (out.title.empty()) out.title = text(info, "title");
  out.channel = text(info, "channel");
  if (out.channel.empty()) out.channel = text(info, "uploader");
  out.thumbnail_url = text(info, "thumbnail");
  out.page_url = text(info, "webpage_url");
  out.live_status = live_status(info);
  if (const auto release = number(info, "release_timestamp"); release > 0)
    out.release_at = Instant{milliseconds{static_cast<std::int64_t>(release * 1000)}};
  if (const auto formats = info.find("formats"); formats != info.end() && formats->is_array())
    for (const auto& format : *formats)
      if (format.is_object() && !has_drm(format)) out.formats.push_back(read_format(format));
  return out;
}

}  // namespace aircheck::capture
