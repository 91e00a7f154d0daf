#include "api/api.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "api/query.hpp"
#include "api/reply.hpp"
#include "api/routes.hpp"
#include "base/text.hpp"
#include "base/uuid.hpp"

namespace aircheck::api {
namespace {

struct Route {
  std::string_view method, path;  // "{id}" stands for a UUID
  Response (*answer)(const Request&, const Context&, std::string_view id);
  bool open = false;  // without a token too
};

constexpr std::array kRoutes{
    Route{"GET", "/jobs", list_jobs},
    Route{"POST", "/jobs", create_job},
    Route{"GET", "/jobs/{id}", get_job},
    Route{"DELETE", "/jobs/{id}", delete_job},
    Route{"POST", "/jobs/{id}/stop", stop_job},
    Route{"POST", "/jobs/{id}/cancel", cancel_job},
    Route{"POST", "/jobs/{id}/retry", retry_job},
    Route{"GET", "/jobs/{id}/recording", get_recording},
    Route{"GET", "/watches", list_watches},
    Route{"POST", "/watches", create_watch},
    Route{"DELETE", "/watches/{id}", delete_watch},
    Route{"GET", "/events", get_events},
    Route{"GET", "/health", get_health, true},
    Route{"GET", "/metrics", get_metrics},
};

// The {id} of `path` when it has the form of `pattern`; empty when the pattern has none.
std::optional<std::string_view> match(std::string_view pattern, std::string_view path) {
  const auto brace = pattern.find("{id}");
  if (brace == std::string_view::npos) return pattern == path ? std::optional(std::string_view{}) : std::nullopt;
  const auto before = pattern.substr(0, brace), after = pattern.substr(brace + 4);
  if (path.size() < before.size() + after.size() || !path.starts_with(before) || !path.ends_with(after)) return {};
  const auto id = path.substr(before.size(), path.size() - before.size() - after.size());
  if (id.empty() || id.find('/') != std::string_view::npos) return {};
  return id;
}

// Takes the same time wherever the two differ; only the length of the token can be learnt from it.
bool same_secret(std::string_view given, std::string_view secret) {
  unsigned difference = given.size() == secret.size() ? 0 : 1;
  for (std::size_t i = 0; i < given.size(); ++i)
    difference |= static_cast<unsigned char>(given[i]) ^ static_cast<unsigned char>(secret[i % secret.size()]);
  return difference == 0;
}

std::string_view bearer_token(const Request& request) {
  constexpr std::string_view kScheme = "bearer ";
  const auto value = header(request, "authorization");
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; };
  if (value.size() < kScheme.size() || !std::equal(kScheme.begin(), kScheme.end(), value.begin(),
                                                   [&](char expected, char given) { return same(given, expected); }))
    return {};
  return trim(value.substr(kScheme.size()));
}

// <video> and EventSource cannot send headers, but cookies. Only reading is allowed by one: a page elsewhere that makes
// the browser send it can change nothing.
std::string cookie_token(const Request& request) {
  constexpr std::string_view kName = "aircheck_token=";
  if (request.method != "GET" && request.method != "HEAD") return {};
  for (const auto cookie : split(header(request, "cookie"), ';'))
    if (cookie.starts_with(kName)) return percent_decode(cookie.substr(kName.size())).value_or("");
  return {};
}

bool is_authorized(const Request& request, const Context& context) {
  if (context.token.empty()) return true;
  return same_secret(bearer_token(request), context.token) || same_secret(cookie_token(request), context.token);
}

Response unauthorized() {
  auto reply =
      problem(401, "This needs the server's token.",
              "Send it as 'Authorization: Bearer TOKEN'; it is what the server was started with (AIRCHECK_TOKEN).");
  reply.headers["www-authenticate"] = "Bearer realm=\"aircheck\"";
  return reply;
}

Response wrong_method(const std::set<std::string_view>& allowed, std::string_view method) {
  std::string list;
  for (const auto name : allowed) list.append(list.empty() ? "" : ", ").append(name);
  auto reply = problem(405, std::string(method) + " is not possible here.", "Possible are: " + list + ".");
  reply.headers["allow"] = list;
  return reply;
}

Response not_found() {
  return problem(404, "There is nothing at this address.", "api/openapi.yaml lists what there is.");
}

Response no_such_thing(std::string_view path) {
  if (path.starts_with("/watches")) return problem(404, "There is no such watch.", "GET /watches lists all watches.");
  return problem(404, "There is no such job.", "GET /jobs lists all jobs.");
}

}  // namespace

Response handle(const Request& request, const Context& context) {
  std::string_view path = request.path;
  if (!path.starts_with(context.prefix)) return not_found();
  path.remove_prefix(context.prefix.size());
  // A HEAD is a GET whose body is not sent.
  const std::string_view method = request.method == "HEAD" ? "GET" : std::string_view(request.method);
  std::set<std::string_view> allowed;
  for (const auto& route : kRoutes) {
    const auto id = match(route.path, path);
    if (!id) continue;
    allowed.insert(route.method);
    if (route.method == "GET") allowed.insert("HEAD");
    if (route.method != method) continue;
    if (!route.open && !is_authorized(request, context)) return unauthorized();
    if (request.body.size() > kMaxBody) return problem(413, "The body may have 64 KiB at most.");
    if (!id->empty() && !is_uuid(*id)) return no_such_thing(route.path);
    return route.answer(request, context, *id);
  }
  return allowed.empty() ? not_found() : wrong_method(allowed, request.method);
}

}  // namespace aircheck::api
