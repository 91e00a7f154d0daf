#include "aircheck/paths.hpp"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>

namespace aircheck::apps {
namespace {

namespace fs = std::filesystem;

fs::path home() {
  if (const char* named = std::getenv("HOME"); named != nullptr && *named != '\0') return named;
  const passwd* user = ::getpwuid(::getuid());
  return user != nullptr ? user->pw_dir : "/";
}

// The specification wants relative paths ignored.
fs::path from_environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && *value == '/' ? fs::path(value) : home() / otherwise;
}

}  // namespace

fs::path config_home() { return from_environment("XDG_CONFIG_HOME", ".config"); }
fs::path data_home() { return from_environment("XDG_DATA_HOME", ".local/share"); }

fs::path expand_home(const fs::path& path) {
  const auto text = path.string();
  return text == "~" || text.starts_with("~/") ? home() / text.substr(text == "~" ? 1 : 2) : path;
}

fs::path own_program() {
  std::error_code error;
  auto program = fs::read_symlink("/proc/self/exe", error);
  return error ? fs::path("aircheck") : program;
}

}  // namespace aircheck::apps
