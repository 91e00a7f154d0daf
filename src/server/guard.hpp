#pragma once
// Who may talk to a server without a token: only pages and programs of this machine. A web page elsewhere can make the
// user's browser send requests here (CSRF), and can give its own name our address (DNS rebinding); the Host and Origin
// headers tell. Pure.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/api.hpp"

namespace aircheck::server {

struct HostPort {
  std::string host;  // IPv6 without its brackets
  std::string port;  // may be empty in a Host header
};
/// "host:port", "[::1]:80", "host"; nothing for what is neither.
std::optional<HostPort> parse_host_port(std::string_view text);

/// localhost, *.localhost, 127.0.0.0/8, ::1
bool is_loopback_name(std::string_view host);

/// An answer for a request that must not be served; nothing when all is well. With a token only what is malformed is refused.
std::optional<api::Response> refuse(const api::Request& request, bool has_token);

/// Adds what every answer has: Date, Server, headers that forbid guessing and embedding, and CORS for one of `origins`.
void complete_headers(const api::Request& request, const std::vector<std::string>& origins, api::Headers& headers);
/// The answer to a preflight from one of `origins`; nothing when the request is none.
std::optional<api::Response> preflight(const api::Request& request, const std::vector<std::string>& origins);

}  // namespace aircheck::server
