#pragma once
// Answers by gzip for who takes it. Pure.

#include <string>
#include <string_view>

#include "api/api.hpp"

namespace aircheck::server {

/// Whether the request's Accept-Encoding names gzip, and not with q=0.
bool takes_gzip(const api::Request& request);

/// `text` by gzip, RFC 1952.
std::string gzip(std::string_view text);

/// Packs the text of `reply`, when it is one that gets smaller and `request` takes that. The ETag becomes a weak one then: it
/// names the text, not its bytes.
void pack(const api::Request& request, api::Response& reply);

}  // namespace aircheck::server
