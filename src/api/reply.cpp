#include "api/reply.hpp"

#include <fmt/core.h>

#include "api/range.hpp"
#include "base/json.hpp"

namespace aircheck::api {

std::string dump(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Response json_reply(int status, std::string body) {
  return {status, {{"content-type", "application/json"}, {"cache-control", "private, no-cache"}}, std::move(body)};
}

Response with_etag(Response reply, std::string etag, const Request& request) {
  const bool known = matches_etag(header(request, "if-none-match"), etag);
  reply.headers["etag"] = std::move(etag);
  if (!known) return reply;
  reply.headers.erase("content-type");
  return {304, std::move(reply.headers), std::string{}};
}

std::string etag_of(std::string_view text) { return fmt::format("\"{:016x}\"", fnv1a(text)); }

std::string_view header(const Request& request, std::string_view name) {
  const auto found = request.headers.find(name);
  return found == request.headers.end() ? std::string_view{} : std::string_view(found->second);
}

std::uint64_t fnv1a(std::string_view text, std::uint64_t seed) {
  std::uint64_t hash = 0xcbf2'9ce4'8422'2325 ^ (seed * 0x9e37'79b9'7f4a'7c15);
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x0000'0100'0000'01b3;
  return hash;
}

}  // namespace aircheck::api
