#include <array>
#include <utility>

#include "api/api.hpp"
#include "api/reply.hpp"
#include "base/json.hpp"

namespace aircheck::api {
namespace {

struct Title {
  int status;
  std::string_view slug, title;
};

constexpr std::array kTitles{
    Title{400, "bad-request", "Bad request"},
    Title{401, "unauthorized", "No valid token"},
    Title{403, "forbidden", "Forbidden"},
    Title{404, "not-found", "Not found"},
    Title{405, "method-not-allowed", "Method not allowed"},
    Title{408, "timeout", "The request took too long"},
    Title{409, "conflict", "The present state forbids this"},
    Title{413, "too-large", "The body is too large"},
    Title{415, "unsupported-media-type", "The body is not JSON"},
    Title{416, "range-not-satisfiable", "The range begins behind the end"},
    Title{421, "misdirected-request", "This server does not answer to that name"},
    Title{422, "unprocessable", "A field has no valid value"},
    Title{429, "rate-limited", "Too many requests"},
    Title{431, "header-too-large", "The header is too large"},
    Title{500, "internal", "Something went wrong here"},
    Title{501, "not-implemented", "Not available here"},
    Title{503, "unavailable", "Not available at present"},
    Title{507, "disk-full", "No room on the disk"},
};

Title title_of(int status) {
  for (const auto& title : kTitles)
    if (title.status == status) return title;
  return {status, "error", "Error"};
}

int status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_input: return 400;
    case ErrorKind::unauthorized: return 401;
    case ErrorKind::forbidden: return 403;
    case ErrorKind::not_found: return 404;
    case ErrorKind::conflict: return 409;
    case ErrorKind::rate_limited: return 429;
    case ErrorKind::unsupported: return 501;
    case ErrorKind::unavailable:
    case ErrorKind::timeout: return 503;
    case ErrorKind::disk_full: return 507;
    default: return 500;
  }
}

std::string_view hint_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::unavailable:
    case ErrorKind::timeout:
    case ErrorKind::rate_limited: return "Try again in a few seconds.";
    case ErrorKind::disk_full: return "Make room on the server's disk, then try again.";
    case ErrorKind::conflict: return "Look at the job again; something else changed it.";
    default: return {};
  }
}

}  // namespace

Response problem(int status, std::string_view detail, std::string_view hint) {
  const auto title = title_of(status);
  nlohmann::json body{{"type", "urn:aircheck:problem:" + std::string(title.slug)},
                      {"title", title.title},
                      {"status", status},
                      {"detail", detail}};
  if (!hint.empty()) body["hint"] = hint;
  return {status, {{"content-type", "application/problem+json"}, {"cache-control", "no-store"}}, dump(body)};
}

Response problem(const Error& error, std::string_view hint) {
  return problem(status_of(error.kind), error.message, hint.empty() ? hint_of(error.kind) : hint);
}

}  // namespace aircheck::api
