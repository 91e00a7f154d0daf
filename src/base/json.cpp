#include "base/json.hpp"

AIRCHECK_JSON(template)

namespace aircheck {

nlohmann::json parse_shallow(std::string_view text, int deepest) {
  const auto shallow = [deepest](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
    return depth <= deepest;
  };
  return nlohmann::json::parse(text, shallow, false);
}

const nlohmann::json& member(const nlohmann::json& value, std::string_view name) {
  static const nlohmann::json none;
  const auto found = value.find(name);
  return found != value.end() ? *found : none;
}

std::string text_member(const nlohmann::json& value, std::string_view name) {
  const auto& found = member(value, name);
  return found.is_string() ? found.get<std::string>() : std::string{};
}

nlohmann::json time_json(const std::optional<Instant>& time) {
  return time ? nlohmann::json(to_rfc3339(*time)) : nlohmann::json(nullptr);
}

}  // namespace aircheck
