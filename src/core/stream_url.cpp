#include "core/stream_url.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <vector>

#include "base/text.hpp"
#include "base/uri.hpp"
#include "core/host.hpp"

namespace aircheck {
namespace {

constexpr std::size_t kMaxLength = 2'000;
constexpr auto kTooLong = "the URL is longer than 2,000 characters";
constexpr std::size_t kMaxName = 200;  // bytes of a channel's name, percent-encoded

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_id_char(char c) { return is_alpha(c) || is_digit(c) || c == '-' || c == '_'; }

std::unexpected<Error> refuse(std::string why) { return fail(ErrorKind::invalid_input, std::move(why)); }

// What is wrong with the text before it is looked at as a URL; nothing when it is fine.
std::optional<std::string> hostile(std::string_view text) {
  if (text.empty()) return "the URL is empty";
  if (text.size() > kMaxLength) return kTooLong;
  if (text.starts_with('-')) return "a URL does not begin with '-'";
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return "the URL has control characters in it";
    if (c == ' ' || c == '\\' || c == '<' || c == '>' || c == '"' || c == '`')
      return fmt::format("a URL has no {} in it", c == ' ' ? "blank" : std::string(1, c));
  }
  if (text.find_first_of(".:/") == std::string_view::npos)
    return fmt::format("'{}' is no URL; one looks like https://www.youtube.com/watch?v=…", text.substr(0, 100));
  return {};
}

// Puts https:// in front of "www.youtube.com/…" and leaves everything that has a scheme, be it a bad one.
std::string with_scheme(std::string_view text) {
  const auto end = text.find_first_of(":/?#");
  const bool has_scheme = end != std::string_view::npos && text[end] == ':' &&
                          !(end + 1 < text.size() && is_digit(text[end + 1]) && text.substr(0, end).contains('.'));
  if (has_scheme || text.starts_with("/")) return std::string(text);
  return "https://" + std::string(text);
}

struct Target {
  std::string scheme, host;
  UriParts parts;
};

Result<Target> take_apart(std::string_view url) {
  Target target;
  target.parts = TRY(parse_uri(url));
  const auto& parts = target.parts;
  if (!parts.scheme) return refuse("that is no URL: it begins with neither http nor a host's name");
  target.scheme = lower(*parts.scheme);
  if (target.scheme != "http" && target.scheme != "https")
    return refuse(fmt::format("only http and https URLs are taken, not {}:", target.scheme));
  if (parts.userinfo) return refuse("a URL with a user name or password in it is not taken");
  target.host = lower(parts.host);
  while (target.host.ends_with('.')) target.host.pop_back();
  if (target.host.empty()) return refuse("the URL has no host");
  const auto odd = [](char c) { return !is_alpha(c) && !is_digit(c) && c != '-' && c != '.' && c != ':' && c != '_'; };
  if (std::ranges::any_of(target.host, odd)) return refuse("the URL's host has characters that no host has");
  return target;
}

// ---- YouTube --------------------------------------------------------------------------------------------------------

bool is_youtube(std::string_view host) {
  constexpr std::array kHosts{
      "youtube.com",          "www.youtube.com",          "m.youtube.com", "music.youtube.com", "gaming.youtube.com",
      "youtube-nocookie.com", "www.youtube-nocookie.com", "youtu.be",      "www.youtu.be"};
  return std::ranges::find(kHosts, host) != kHosts.end();
}

std::vector<std::string_view> components(std::string_view path) {
  std::vector<std::string_view> out;
  while (!path.empty()) {
    const auto slash = std::min(path.find('/'), path.size());
    if (slash > 0) out.push_back(path.substr(0, slash));
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return out;
}

std::string_view parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto pair = query.substr(0, end);
    if (pair.starts_with(name) && pair.substr(name.size()).starts_with('=')) return pair.substr(name.size() + 1);
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return {};
}

// A channel's name as it may stand in a path: letters of any script, percent-encoded; nothing that could leave the path.
std::optional<std::string> normal_name(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) >= 0x80) {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    } else if (c == '%' && i + 2 < text.size() && is_hex(text[i + 1]) && is_hex(text[i + 2]) && text[i + 1] >= '8') {
      out += text.substr(i, 3);
      i += 2;
    } else if (is_id_char(c) || c == '.') {
      out += c;
    } else {
      return {};
    }
  }
  if (out.empty() || out.size() > kMaxName || out == "." || out == "..") return {};
  return out;
}

Result<StreamUrl> video(std::string_view id) {
  if (!is_video_id(id)) return refuse("a YouTube video's id has 11 letters, digits, '-' or '_'; this URL's has not");
  return StreamUrl{
      .url = fmt::format("https://www.youtube.com/watch?v={}", id), .video_id = std::string(id), .youtube = true};
}

Result<StreamUrl> live_page(std::string path) {
  return StreamUrl{.url = fmt::format("https://www.youtube.com/{}/live", path), .video_id = {}, .youtube = true};
}

bool is_live_page(std::span<const std::string_view> rest) {
  constexpr std::array<std::string_view, 3> kPages{"live", "streams", "featured"};
  return rest.empty() || (rest.size() == 1 && std::ranges::find(kPages, rest[0]) != kPages.end());
}

Result<StreamUrl> channel(std::span<const std::string_view> path) {
  const bool handle = path[0].starts_with('@');
  const auto rest = path.subspan(handle ? 1 : 2);
  if (!is_live_page(rest)) return refuse("of a YouTube channel only the live page is taken: …/@name/live");
  if (!handle && path[0] == "channel") {
    if (!is_channel_id(path[1])) return refuse("a YouTube channel's id is UC and 22 characters");
    return live_page(fmt::format("channel/{}", path[1]));
  }
  const auto name = normal_name(handle ? path[0].substr(1) : path[1]);
  if (!name) return refuse("that is no name of a YouTube channel");
  return live_page(handle ? "@" + *name : fmt::format("{}/{}", path[0], *name));
}

Result<StreamUrl> parse_youtube(const Target& target) {
  if (const auto port = target.parts.port; port && *port != 80 && *port != 443)
    return refuse("YouTube is not served on another port");
  const auto path = components(target.parts.path);
  const auto query = target.parts.query.value_or("");
  if (path.empty()) return refuse("that is YouTube's front page; give the URL of a live stream");
  if (target.host.ends_with("youtu.be")) return video(path[0]);
  const auto first = path[0];
  if (first == "watch" && path.size() == 1) return video(parameter(query, "v"));
  if (first == "embed" && path.size() == 2 && path[1] == "live_stream" && is_channel_id(parameter(query, "channel")))
    return live_page(fmt::format("channel/{}", parameter(query, "channel")));
  constexpr std::array<std::string_view, 6> kVideoPaths{"watch", "live", "shorts", "embed", "v", "e"};
  if (path.size() == 2 && std::ranges::find(kVideoPaths, first) != kVideoPaths.end()) return video(path[1]);
  if (first.starts_with('@')) return channel(path);
  if (path.size() >= 2 && (first == "channel" || first == "c" || first == "user")) return channel(path);
  if (first == "playlist") return refuse("a YouTube playlist is no live stream; give the URL of one of its videos");
  return refuse("this YouTube URL names neither a video nor a channel's live page");
}

// ---- other hosts ----------------------------------------------------------------------------------------------------

Result<StreamUrl> parse_other(const Target& target, const UrlPolicy& policy) {
  if (!policy.allow_other_hosts)
    return refuse(fmt::format("{} is not YouTube; the operator may allow other hosts", target.host));
  if (!policy.allow_private_hosts && is_private_host(target.host))
    return refuse(fmt::format("{} is a private address; the operator may allow those", target.host));
  const bool v6 = target.host.contains(':');
  auto url = fmt::format("{}://{}{}{}", target.scheme, v6 ? "[" : "", target.host, v6 ? "]" : "");
  if (target.parts.port) url += fmt::format(":{}", *target.parts.port);
  url += target.parts.path.empty() ? "/" : target.parts.path;
  if (target.parts.query) url.append("?").append(*target.parts.query);
  return StreamUrl{.url = std::move(url), .video_id = {}, .youtube = false};
}

}  // namespace

bool is_video_id(std::string_view text) { return text.size() == 11 && std::ranges::all_of(text, is_id_char); }

bool is_channel_id(std::string_view text) {
  return text.size() == 24 && text.starts_with("UC") && std::ranges::all_of(text, is_id_char);
}

Result<StreamUrl> parse_stream_url(std::string_view text, const UrlPolicy& policy) {
  text = trim(text, " ");
  if (auto why = hostile(text)) return refuse(*std::move(why));
  const auto url = with_scheme(text);
  const auto target = TRY(take_apart(url));
  auto found = TRY(is_youtube(target.host) ? parse_youtube(target) : parse_other(target, policy));
  if (found.url.size() > kMaxLength) return refuse(kTooLong);  // it will have to be taken again
  return found;
}

}  // namespace aircheck
