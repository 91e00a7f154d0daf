#include "core/stream_url.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <vector>

#include "base/uri.hpp"

namespace aircheck {
namespace {

constexpr std::size_t kLongest = 2'000;
constexpr std::array<std::string_view, 5> kYoutubeHosts{"youtube.com", "www.youtube.com", "m.youtube.com", "music.youtube.com",
                                                        "youtu.be"};

std::unexpected<Error> refuse(std::string reason) { return fail(ErrorKind::invalid_input, std::move(reason)); }

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

bool is_id_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

bool is_video_id(std::string_view text) {
  return text.size() == 11 && std::all_of(text.begin(), text.end(), is_id_character);
}

// Handles may be written in any script; what could break out of a path or a command may not stand in one.
bool is_channel_name(std::string_view text) {
  return !text.empty() && text.size() <= 200 && std::all_of(text.begin(), text.end(), [](char c) {
    return is_id_character(c) || c == '.' || c == '%' || static_cast<unsigned char>(c) >= 0x80;
  });
}

std::vector<std::string_view> split_path(std::string_view path) {
  std::vector<std::string_view> out;
  for (std::size_t begin = 0; begin < path.size();) {
    const auto end = std::min(path.find('/', begin), path.size());
    if (end > begin) out.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

std::string_view query_value(std::string_view query, std::string_view name) {
  for (std::size_t begin = 0; begin < query.size();) {
    const auto end = std::min(query.find('&', begin), query.size());
    const auto pair = query.substr(begin, end - begin);
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') return pair.substr(name.size() + 1);
    begin = end + 1;
  }
  return {};
}

StreamUrl video(std::string_view id) {
  return {fmt::format("https://www.youtube.com/watch?v={}", id), std::string(id), true};
}

Result<StreamUrl> channel(std::string_view prefix, std::string_view name) {
  if (!is_channel_name(name)) return refuse("this is no name of a YouTube channel");
  return StreamUrl{fmt::format("https://www.youtube.com/{}{}/live", prefix, name), "", true};
}

Result<StreamUrl> checked_video(std::string_view id) {
  if (!is_video_id(id)) return refuse("a YouTube video's id has 11 letters, digits, _ or -");
  return video(id);
}

Result<StreamUrl> parse_youtube(const UriParts& parts) {
  const auto path = split_path(parts.path);
  if (lower(parts.host) == "youtu.be") return path.empty() ? refuse("no video is named") : checked_video(path[0]);
  if (path.empty()) return refuse("this is YouTube's front page: give the URL of a stream");
  const auto first = path[0];
  if (first == "watch") return checked_video(query_value(parts.query.value_or(""), "v"));
  if (path.size() >= 2 && (first == "live" || first == "shorts" || first == "embed" || first == "v")) return checked_video(path[1]);
  if (first.starts_with('@')) return channel("@", first.substr(1));
  if (path.size() >= 2 && first == "channel") return channel("channel/", path[1]);
  if (path.size() >= 2 && (first == "c" || first == "user")) return channel(first == "c" ? "c/" : "user/", path[1]);
  return refuse("this YouTube page is no stream: give the URL of a video, or a channel's live page");
}

std::optional<std::array<unsigned, 4>> parse_ipv4(std::string_view host) {
  std::array<unsigned, 4> out{};
  for (std::size_t i = 0; i < 4; ++i) {
    const auto [end, error] = std::from_chars(host.data(), host.data() + host.size(), out[i]);
    if (error != std::errc{} || out[i] > 255) return {};
    host.remove_prefix(static_cast<std::size_t>(end - host.data()));
    if (i < 3 && !host.starts_with('.')) return {};
    if (i < 3) host.remove_prefix(1);
  }
  return host.empty() ? std::optional(out) : std::nullopt;
}

bool is_private_ipv4(const std::array<unsigned, 4>& ip) {
  return ip[0] == 0 || ip[0] == 10 || ip[0] == 127 || ip[0] >= 224 || (ip[0] == 100 && ip[1] >= 64 && ip[1] < 128) ||
         (ip[0] == 169 && ip[1] == 254) || (ip[0] == 172 && ip[1] >= 16 && ip[1] < 32) || (ip[0] == 192 && ip[1] == 168);
}

// Loopback, private ranges, every IPv6 literal (nobody streams from one in the open), names without a dot, and numbers in
// the odd notations that resolvers take for addresses (0x7f.1, 2130706433).
bool is_private_host(std::string_view host) {
  if (const auto ip = parse_ipv4(host)) return is_private_ipv4(*ip);
  if (host.find(':') != std::string_view::npos || host.find('.') == std::string_view::npos) return true;
  const auto last = host.substr(host.find_last_of('.') + 1);
  const bool numeric = last.empty() || std::all_of(last.begin(), last.end(), [](char c) { return c >= '0' && c <= '9'; }) ||
                       last.starts_with("0x");
  const auto name = lower(host);
  return numeric || name.ends_with(".localhost") || name.ends_with(".local") || name.ends_with(".internal");
}

Result<StreamUrl> parse_other(std::string_view text, const UriParts& parts, const UrlPolicy& policy) {
  if (!policy.allow_other_hosts) return refuse("only YouTube URLs are taken; the operator may allow other hosts (--allow-any-host)");
  if (!policy.allow_private_hosts && is_private_host(parts.host))
    return refuse("this address is a private one; the operator may allow them (--allow-private-hosts)");
  return StreamUrl{std::string(text.substr(0, text.find('#'))), "", false};
}

bool has_scheme(std::string_view text) {
  const auto colon = text.find_first_of(":/?#");
  return colon != std::string_view::npos && text[colon] == ':' && text.substr(colon).starts_with("://");
}

// "youtube.com/…" and "youtu.be/…" as people type them.
bool is_bare_youtube(std::string_view text) {
  const auto host = lower(text.substr(0, text.find_first_of("/?#")));
  return std::find(kYoutubeHosts.begin(), kYoutubeHosts.end(), host) != kYoutubeHosts.end();
}

Result<void> check_characters(std::string_view text) {
  if (text.empty()) return refuse("no URL was given");
  if (text.size() > kLongest) return refuse(fmt::format("a URL of more than {} characters is not taken", kLongest));
  if (text.front() == '-') return refuse("a URL does not begin with '-'");
  for (const char c : text)
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '\\' || c == '"' || c == '<' || c == '>' || c == '`')
      return refuse("the URL holds a blank, a control character or a quote");
  return {};
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t' || text.front() == '\n')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

}  // namespace

Result<StreamUrl> parse_stream_url(std::string_view input, const UrlPolicy& policy) {
  const auto text = trim(input);
  TRY(check_characters(text));
  const std::string full = !has_scheme(text) && is_bare_youtube(text) ? "https://" + std::string(text) : std::string(text);
  const auto parts = parse_uri(full);
  if (!parts || !parts->scheme || parts->host.empty()) return refuse("this is no URL");
  const auto scheme = lower(*parts->scheme);
  if (scheme != "http" && scheme != "https") return refuse(fmt::format("only http and https are taken, not {}", scheme));
  if (parts->userinfo) return refuse("a URL with a user name or password in it is not taken");
  const auto host = lower(parts->host);
  if (std::find(kYoutubeHosts.begin(), kYoutubeHosts.end(), host) != kYoutubeHosts.end()) return parse_youtube(*parts);
  return parse_other(full, *parts, policy);
}

}  // namespace aircheck
