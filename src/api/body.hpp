#pragma once
// What is asked for in the body of a POST, and the fields that several kinds of it have. Pure.

#include <expected>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "api/api.hpp"

namespace aircheck::api {

/// The body as a JSON object, or the 415 or 400 that it deserves; `example` says what to send instead.
std::expected<nlohmann::json, Response> parse_body(const Request& request, std::string_view example);
/// "best", "worst", "audio", or a height ("720p" too) without its "p"; nothing for anything else.
std::optional<std::string> normal_quality(std::string quality);
bool has_control(std::string_view text);
std::unexpected<Response> unprocessable(const std::string& detail, std::string_view hint = {});

}  // namespace aircheck::api
