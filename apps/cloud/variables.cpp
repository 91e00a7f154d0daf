#include "cloud/variables.hpp"

namespace aircheck::cloud {

std::string Variables::needed(const char* name) {
  auto value = optional(name);
  if (value.empty()) missing_ += (missing_.empty() ? "" : ", ") + std::string(name);
  return value;
}

Result<void> Variables::complete() const {
  if (missing_.empty()) return {};
  return fail(ErrorKind::invalid_input, "not set in the environment: " + missing_);
}

}  // namespace aircheck::cloud
