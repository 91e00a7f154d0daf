#include "files/put_aside.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <stdio.h>

#include <cerrno>

namespace aircheck::files {

Result<std::optional<std::string>> put_aside(const Descriptor& folder, const std::string& name) {
  constexpr int kMost = 1'000;
  for (int i = 1; i < kMost; ++i) {
    auto other = fmt::format("{}.old-{}", name, i);
    if (::renameat2(folder.number(), name.c_str(), folder.number(), other.c_str(), RENAME_NOREPLACE) == 0)
      return std::optional(std::move(other));
    if (errno == ENOENT) return std::optional<std::string>{};
    if (errno != EEXIST) break;
  }
  return std::unexpected(system_error("cannot put aside", name));
}

}  // namespace aircheck::files
