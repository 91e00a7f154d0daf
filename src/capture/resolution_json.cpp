// Reads the JSON that yt-dlp prints. Of its hundreds of members only those that we act on; any may be missing, null or of an
// unexpected type, for yt-dlp knows a thousand sites.
#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/json.hpp"
#include "base/text.hpp"
#include "capture/fragment_url.hpp"
#include "capture/resolver.hpp"

namespace aircheck::capture {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestDescription = 64u << 10;  // bytes; YouTube takes 5,000 characters
constexpr std::size_t kMostThumbnails = 8;

double number(const json& object, const char* name) {
  const auto& found = member(object, name);
  return found.is_number() ? found.get<double>() : 0;
}

std::uint32_t pixels(const json& object, const char* name) {
  const auto value = number(object, name);
  return value > 0 && value < 65536 ? static_cast<std::uint32_t>(value) : 0;
}

// Absent codecs are "none"; an unknown one (null) counts as there.
bool has_codec(const json& format, const char* name) { return text_member(format, name) != "none"; }

std::string codec(const json& format, const char* name) {
  return has_codec(format, name) ? text_member(format, name) : std::string{};
}

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
  const bool levelled = text_member(format, "format_note").find("DRC") != std::string::npos;
  return number(format, "language_preference") - (levelled ? 0.5 : 0);
}

bool has_drm(const json& format) {
  const auto found = format.find("has_drm");
  return found != format.end() && found->is_boolean() && found->get<bool>();
}

Format read_format(const json& value) {
  const auto protocol = text_member(value, "protocol");
  return {.id = text_member(value, "format_id"),
          .url = text_member(value, "url"),
          .protocol = protocol,
          .video = has_codec(value, "vcodec"),
          .audio = has_codec(value, "acodec"),
          .video_codec = codec(value, "vcodec"),
          .audio_codec = codec(value, "acodec"),
          .width = pixels(value, "width"),
          .height = pixels(value, "height"),
          .frame_rate = number(value, "fps"),
          .bitrate = number(value, "tbr"),
          .headers = header_lines(value),
          .fragments = !protocol.starts_with("m3u8") && is_fragment_url(text_member(value, "url")),
          .preference = preference(value),
          .token_missing = text_member(value, "format_note").find("MISSING POT") != std::string::npos};
}

LiveStatus live_status(const json& info) {
  const auto name = text_member(info, "live_status");
  if (name == "is_live") return LiveStatus::is_live;
  if (name == "is_upcoming") return LiveStatus::is_upcoming;
  if (name == "post_live") return LiveStatus::post_live;
  if (name == "was_live") return LiveStatus::was_live;
  if (name == "not_live") return LiveStatus::not_live;
  return LiveStatus::unknown;
}

json parse_line(std::string_view text) { return json::parse(text, nullptr, false); }

// Of YouTube's dozens, and of what other sites list: pictures that players can show before WebP, the larger before the smaller.
std::vector<std::string> thumbnail_urls(const json& info) {
  std::vector<std::pair<double, std::string>> found;
  const auto listed = info.find("thumbnails");
  if (listed != info.end() && listed->is_array())
    for (const auto& entry : *listed) {
      if (!entry.is_object() || text_member(entry, "url").empty()) continue;
      const auto url = text_member(entry, "url");
      const bool webp = url.substr(0, url.find('?')).ends_with(".webp");
      found.emplace_back(number(entry, "preference") - (webp ? 1e6 : 0), url);
    }
  // yt-dlp lists the best last.
  std::ranges::reverse(found);
  std::ranges::stable_sort(found, std::ranges::greater{}, [](const auto& entry) { return entry.first; });
  std::vector<std::string> out;
  for (std::size_t i = 0; i < std::min(found.size(), kMostThumbnails); ++i) out.push_back(std::move(found[i].second));
  if (out.empty() && !text_member(info, "thumbnail").empty()) out.push_back(text_member(info, "thumbnail"));
  return out;
}

// Each line that yt-dlp prints for itself: information, formats, thumbnails, description. The first must be right.
json read_lines(std::string_view input) {
  std::array<std::string_view, 4> lines;
  auto rest = input;
  for (auto& line : lines) {
    const auto end = rest.find('\n');
    line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  auto info = parse_line(lines[0]);
  if (!info.is_object()) return parse_line(input);
  if (!info.contains("formats")) info["formats"] = parse_line(lines[1]);  // "NA" where there are none
  if (!info.contains("thumbnails")) info["thumbnails"] = parse_line(lines[2]);
  if (const auto more = parse_line(lines[3]); more.is_object()) info.update(more);
  return info;
}

}  // namespace

Result<Resolution> parse_resolution(std::string_view input) {
  const auto info = read_lines(input);
  if (!info.is_object()) return fail(ErrorKind::no_resolver, "yt-dlp printed something that is not its JSON");
  Resolution out;
  out.video_id = text_member(info, "id");
  // yt-dlp adds the present time to a live stream's title ("… 2026-11-23 08:02"), but not to this one.
  out.title = text_member(info, "fulltitle");
  if (out.title.empty()) out.title = text_member(info, "title");
  out.channel = text_member(info, "channel");
  if (out.channel.empty()) out.channel = text_member(info, "uploader");
  out.thumbnail_url = text_member(info, "thumbnail");
  out.page_url = text_member(info, "webpage_url");
  out.description = cut_text(text_member(info, "description"), kLongestDescription);
  out.thumbnails = thumbnail_urls(info);
  out.live_status = live_status(info);
  constexpr auto kLast = static_cast<double>(std::chrono::floor<seconds>(kLastInstant).time_since_epoch().count());
  if (const auto release = number(info, "release_timestamp"); release > 0 && release < kLast)
    out.release_at = Instant{milliseconds{static_cast<std::int64_t>(release * 1000)}};
  if (const auto formats = info.find("formats"); formats != info.end() && formats->is_array())
    for (const auto& format : *formats)
      if (format.is_object() && !has_drm(format)) out.formats.push_back(read_format(format));
  return out;
}

}  // namespace aircheck::capture
