#pragma once
// How answers with JSON are made. Pure.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "api/api.hpp"

namespace aircheck::api {

/// Text of `value`; bytes that are no UTF-8 are replaced instead of thrown about.
std::string dump(const nlohmann::json& value);
/// application/json, `no-cache`.
Response json_reply(int status, std::string body);
/// `reply` with the ETag, or 304 when the request has it already.
Response with_etag(Response reply, std::string etag, const Request& request);
/// A strong tag of the text itself.
std::string etag_of(std::string_view text);
/// The value of a header, empty when it is not there.
std::string_view header(const Request& request, std::string_view name);
/// 64-bit FNV-1a; `seed` makes independent ones. For tags and ids, not for secrets.
std::uint64_t fnv1a(std::string_view text, std::uint64_t seed = 0);

}  // namespace aircheck::api
