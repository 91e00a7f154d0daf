#include "api/body.hpp"

#include <algorithm>

#include "api/query.hpp"
#include "api/reply.hpp"
#include "base/json.hpp"
#include "base/text.hpp"

namespace aircheck::api {
namespace {

bool is_json(std::string_view content_type) {
  return lower(trim(content_type.substr(0, content_type.find(';')))) == "application/json";
}

}  // namespace

std::expected<nlohmann::json, Response> parse_body(const Request& request, std::string_view example) {
  if (!is_json(header(request, "content-type")))
    return std::unexpected(problem(415, "The body must be JSON.", "Send 'Content-Type: application/json'."));
  auto body = parse_shallow(request.body, 4);
  if (!body.is_object()) return std::unexpected(problem(400, "The body is no JSON object.", example));
  return body;
}

std::optional<std::string> normal_quality(std::string quality) {
  if (quality == "best" || quality == "worst" || quality == "audio") return quality;
  if (quality.ends_with('p')) quality.pop_back();
  const auto height = parse_number(quality);
  if (!height || *height < 16 || *height > 16'384) return {};
  return std::to_string(*height);
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::unexpected<Response> unprocessable(const std::string& detail, std::string_view hint) {
  return std::unexpected(problem(422, detail, hint));
}

}  // namespace aircheck::api
