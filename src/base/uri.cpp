#include "base/uri.hpp"

#include <algorithm>
#include <charconv>

#include "base/text.hpp"

namespace aircheck {
namespace {

bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_scheme(std::string_view text) {
  return !text.empty() && is_alpha(text[0]) && std::ranges::all_of(text, [](char c) {
    return is_alpha(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  });
}

// Cuts off and returns what stands before the first of `stops` and leaves the rest in `text`.
std::string_view take_until(std::string_view& text, std::string_view stops) {
  const auto end = std::min(text.find_first_of(stops), text.size());
  const auto head = text.substr(0, end);
  text.remove_prefix(end);
  return head;
}

Result<void> parse_port(std::string_view text, UriParts& out) {
  if (text.empty()) return {};
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size())
    return fail(ErrorKind::invalid_input, "a URL's port is a number up to 65535");
  out.port = port;
  return {};
}

Result<void> parse_authority(std::string_view text, UriParts& out) {
  if (const auto at = text.rfind('@'); at != std::string_view::npos) {
    out.userinfo = text.substr(0, at);
    text.remove_prefix(at + 1);
  }
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return fail(ErrorKind::invalid_input, "a URL's [address] does not close");
    out.host = text.substr(1, close - 1);
    text.remove_prefix(close + 1);
  } else {
    out.host = take_until(text, ":");
  }
  if (text.empty()) return {};
  if (text[0] != ':') return fail(ErrorKind::invalid_input, "a URL's host is followed by something odd");
  return parse_port(text.substr(1), out);
}

// RFC 3986 §5.2.4, on the path as a whole.
std::string remove_dot_segments(std::string_view in) {
  std::string out;
  out.reserve(in.size());
  const auto drop_last = [&out] { out.resize(std::min(out.rfind('/'), out.size())); };
  while (!in.empty()) {
    if (in.starts_with("../")) in.remove_prefix(3);
    else if (in.starts_with("./") || in.starts_with("/./")) in.remove_prefix(2);
    else if (in == "/.") in = "/";
    else if (in.starts_with("/../")) in.remove_prefix(3), drop_last();
    else if (in == "/..") in = "/", drop_last();
    else if (in == "." || in == "..") in = {};
    else {
      const auto end = std::min(in.find('/', 1), in.size());
      out += in.substr(0, end);
      in.remove_prefix(end);
    }
  }
  return out;
}

// RFC 3986 §5.2.3.
std::string merge(const UriParts& base, std::string_view path) {
  if (base.authority && base.path.empty()) return "/" + std::string(path);
  const auto slash = base.path.rfind('/');
  return std::string(base.path.substr(0, slash == std::string_view::npos ? 0 : slash + 1)).append(path);
}

// RFC 3986 §5.3; `path` replaces that of the parts.
std::string compose(const UriParts& parts, std::string_view path) {
  std::string out;
  if (parts.scheme) out.append(*parts.scheme).append(":");
  if (parts.authority) out.append("//").append(*parts.authority);
  else if (path.starts_with("//")) out.append("/.");  // else the path would be read as an authority
  out.append(path);
  if (parts.query) out.append("?").append(*parts.query);
  if (parts.fragment) out.append("#").append(*parts.fragment);
  return out;
}

std::string encode_blanks(std::string uri) {
  for (auto at = uri.find(' '); at != std::string::npos; at = uri.find(' ', at)) uri.replace(at, 1, "%20");
  return uri;
}

}  // namespace

Result<UriParts> parse_uri(std::string_view text) {
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }))
    return fail(ErrorKind::invalid_input, "a URL contains control characters");
  UriParts out;
  if (const auto colon = text.find_first_of(":/?#"); colon != std::string_view::npos && text[colon] == ':') {
    out.scheme = text.substr(0, colon);
    if (!is_scheme(*out.scheme)) return fail(ErrorKind::invalid_input, "a URL begins with a scheme that is none");
    text.remove_prefix(colon + 1);
  }
  if (text.starts_with("//")) {
    text.remove_prefix(2);
    out.authority = take_until(text, "/?#");
    TRY(parse_authority(*out.authority, out));
  }
  out.path = take_until(text, "?#");
  if (text.starts_with('?')) {
    text.remove_prefix(1);
    out.query = take_until(text, "#");
  }
  if (text.starts_with('#')) out.fragment = text.substr(1);
  return out;
}

Result<std::string> resolve_uri(std::string_view base_text, std::string_view reference_text) {
  const auto base = TRY(parse_uri(base_text));
  if (!base.scheme) return fail(ErrorKind::invalid_input, "a base URL needs a scheme such as https");
  auto target = TRY(parse_uri(trim(reference_text, " \t")));
  if (target.scheme) return encode_blanks(compose(target, remove_dot_segments(target.path)));
  target.scheme = base.scheme;
  if (target.authority) return encode_blanks(compose(target, remove_dot_segments(target.path)));
  target.authority = base.authority;
  if (target.path.empty()) {
    if (!target.query) target.query = base.query;
    return encode_blanks(compose(target, base.path));
  }
  if (target.path.starts_with('/')) return encode_blanks(compose(target, remove_dot_segments(target.path)));
  return encode_blanks(compose(target, remove_dot_segments(merge(base, target.path))));
}

std::string percent_encode(std::string_view text, std::string_view keep) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_alpha(c) || (c >= '0' && c <= '9') || std::string_view("-._~").contains(c) || keep.contains(c)) {
      out += c;
      continue;
    }
    const auto value = static_cast<unsigned char>(c);
    out += {'%', digits[value >> 4], digits[value & 15]};
  }
  return out;
}

}  // namespace aircheck
