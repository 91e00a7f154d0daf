#pragma once
// Which hosts lie inside: what a server must not be talked into fetching. Pure; names are not resolved.

#include <string_view>

namespace aircheck {

/// Whether `host` (lower case, IPv6 without brackets) is an address that is not of the public internet (loopback, private,
/// link-local, shared, multicast, reserved: IANA's special-purpose registries), in any spelling that a resolver takes
/// ("127.1", "0x7f000001", "2130706433", "::ffff:10.0.0.1"), or a name that only a local network knows (no dot, ".local" …).
bool is_private_host(std::string_view host);

}  // namespace aircheck
