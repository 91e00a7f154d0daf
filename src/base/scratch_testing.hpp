#pragma once
// A folder of a test's own, removed with all that is in it.

#include <stdlib.h>

#include <filesystem>
#include <stdexcept>
#include <system_error>

namespace aircheck {

class ScratchFolder {
 public:
  explicit ScratchFolder(const std::filesystem::path& top = std::filesystem::temp_directory_path()) {
    auto name = (top / "aircheck-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
    path_ = name;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace aircheck
