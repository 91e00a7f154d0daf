#pragma once
// Variables of the environment, read so that all that are missing are told at once. Plain values.

#include <string>

#include "aws/credentials.hpp"

namespace aircheck::cloud {

class Variables {
 public:
  explicit Variables(aws::Environment environment) : environment_(std::move(environment)) {}

  std::string needed(const char* name);
  std::string optional(const char* name) const { return environment_(name).value_or(""); }
  /// `invalid_input` that names everything needed that was not there.
  Result<void> complete() const;

 private:
  aws::Environment environment_;
  std::string missing_;
};

}  // namespace aircheck::cloud
