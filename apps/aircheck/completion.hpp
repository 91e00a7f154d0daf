#pragma once
// Shell completion scripts and the manual page, generated from the tree of commands, so that they never lag behind it. Pure.

#include <string>

namespace CLI {
class App;
}

namespace aircheck::apps {

std::string bash_completion(const CLI::App& app);
std::string zsh_completion(const CLI::App& app);
std::string fish_completion(const CLI::App& app);
/// The manual page aircheck(1) as mdoc-free roff.
std::string man_page(const CLI::App& app, const std::string& version);

}  // namespace aircheck::apps
