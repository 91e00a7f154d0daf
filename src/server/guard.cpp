#include "server/guard.hpp"

#include <fmt/chrono.h>

#include <algorithm>
#include <ctime>

#include "base/text.hpp"

namespace aircheck::server {
namespace {

bool is_number(std::string_view text, std::size_t most_digits) {
  return text.size() <= most_digits && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view value_of(const api::Request& request, std::string_view name) {
  const auto found = request.headers.find(name);
  return found == request.headers.end() ? std::string_view{} : std::string_view(found->second);
}

bool is_listed(std::string_view origin, const std::vector<std::string>& origins) {
  return !origin.empty() && std::ranges::find(origins, origin) != origins.end();
}

}  // namespace

std::optional<HostPort> parse_host_port(std::string_view text) {
  const auto bracket = text.starts_with('[') ? text.find(']') : 0;
  if (bracket == std::string_view::npos) return {};
  const auto colon = text.find(':', bracket);
  HostPort out{lower(text.substr(0, colon)), {}};
  if (bracket > 0 && out.host.size() > bracket + 1) return {};
  if (bracket > 0) out.host = out.host.substr(1, bracket - 1);
  if (colon != std::string_view::npos) out.port = text.substr(colon + 1);
  if (out.host.empty() || !is_number(out.port, 5)) return {};
  return out;
}

bool is_loopback_name(std::string_view host) {
  if (host == "localhost" || host == "::1" || host.ends_with(".localhost")) return true;
  if (!host.starts_with("127.")) return false;
  int dots = 0;
  for (const char c : host) {
    if (c == '.') ++dots;
    else if (c < '0' || c > '9') return false;
  }
  return dots == 3;
}

std::optional<api::Response> refuse(const api::Request& request, bool has_token) {
  const auto host = value_of(request, "host");
  if (host.empty()) return api::problem(400, "The request has no Host header.");
  if (has_token) return {};
  const auto name = parse_host_port(host);
  if (!name || !is_loopback_name(name->host))
    return api::problem(421, "Without a token this server answers to loopback names only.",
                        "Open it as http://127.0.0.1 or http://localhost, or start it with a token.");
  const auto origin = value_of(request, "origin");
  if (!origin.empty() && origin != "http://" + std::string(host))
    return api::problem(403, "Without a token other web pages may not use this server.",
                        "Use the server's own page, or start it with a token and allow the other origin.");
  // What a browser says of requests that carry no Origin, such as a form of another site.
  if (value_of(request, "sec-fetch-site") == "cross-site" && request.method != "GET" && request.method != "HEAD")
    return api::problem(403, "Without a token other web sites may not use this server.");
  return {};
}

void complete_headers(const api::Request& request, const std::vector<std::string>& origins, api::Headers& headers) {
  headers["date"] = fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(std::time(nullptr)));
  headers["server"] = "aircheck";
  headers["x-content-type-options"] = "nosniff";
  headers.try_emplace("cross-origin-resource-policy", "same-origin");
  if (origins.empty()) return;
  auto& vary = headers["vary"];
  vary += vary.empty() ? "Origin" : ", Origin";
  const auto origin = value_of(request, "origin");
  if (!is_listed(origin, origins)) return;
  headers["access-control-allow-origin"] = origin;
  headers["access-control-expose-headers"] = "ETag, Location, Content-Range, Content-Disposition";
}

std::optional<api::Response> preflight(const api::Request& request, const std::vector<std::string>& origins) {
  if (request.method != "OPTIONS" || !is_listed(value_of(request, "origin"), origins)) return {};
  return api::Response{
      204,
      {{"access-control-allow-methods", "GET, HEAD, POST, DELETE"},
       {"access-control-allow-headers", "Authorization, Content-Type, If-None-Match, Idempotency-Key, Last-Event-ID"},
       {"access-control-max-age", "600"}},
      std::string{}};
}

}  // namespace aircheck::server
