#pragma once
// Where a user's files belong, after the XDG base directory specification. Reads the environment only.

#include <filesystem>

namespace aircheck::apps {

std::filesystem::path config_home();  // $XDG_CONFIG_HOME, else ~/.config
std::filesystem::path data_home();    // $XDG_DATA_HOME, else ~/.local/share
/// `path` with a leading "~/" replaced by the home folder: configuration files have no shell to do it.
std::filesystem::path expand_home(const std::filesystem::path& path);
/// The running program.
std::filesystem::path own_program();

}  // namespace aircheck::apps
