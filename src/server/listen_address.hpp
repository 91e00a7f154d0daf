#pragma once
// Where to listen, from what the user wrote. Resolves names; stateless.

#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace aircheck::server {

struct ListenAddress {
  std::string ip;  // as text, IPv6 with its scope
  std::uint16_t port = 0;
};

/// `listen` is HOST:PORT or [IPv6]:PORT. `invalid_input` for what is none, and for one that other machines can reach while
/// there is no token.
Result<ListenAddress> resolve_listen(const std::string& listen, bool has_token);

}  // namespace aircheck::server
