#pragma once
// For tests: bytes as numbers.

#include <cstddef>
#include <initializer_list>

#include "base/bytes.hpp"

namespace aircheck {

inline Bytes bytes(std::initializer_list<int> values) {
  Bytes out;
  for (const auto value : values) out.push_back(static_cast<std::byte>(value));
  return out;
}

}  // namespace aircheck
