#pragma once
// Members of events, which may hold anything.

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace aircheck::lambda {

/// Empty where it is absent, or no text.
std::string text_member(const nlohmann::json& object, const char* name);

}  // namespace aircheck::lambda
