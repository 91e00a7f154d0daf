#pragma once
// Makes room for a file without losing the one that is there.

#include <optional>
#include <string>

#include "base/result.hpp"
#include "files/descriptor.hpp"

namespace aircheck::files {

/// Renames `name` in `folder` to the first free of "name.old-1", "name.old-2" …, which it returns; nothing when there is no such
/// file.
Result<std::optional<std::string>> put_aside(const Descriptor& folder, const std::string& name);

}  // namespace aircheck::files
