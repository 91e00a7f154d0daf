#include "lambda/json_member.hpp"

#include "base/json.hpp"

namespace aircheck::lambda {

std::string text_member(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

}  // namespace aircheck::lambda
