#pragma once
// A folder of a test's own, removed with all that is in it. In memory where the system has such a place: thousands of
// synced commits are not what is tested.

#include <unistd.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "base/scratch_testing.hpp"

namespace aircheck::sqlite {

class TemporaryFolder {
 public:
  std::string file(std::string_view name) const { return (scratch_.path() / name).string(); }

 private:
  static std::filesystem::path top() {
    const std::filesystem::path memory = "/dev/shm";
    return access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
  }
  ScratchFolder scratch_{top()};
};

}  // namespace aircheck::sqlite
