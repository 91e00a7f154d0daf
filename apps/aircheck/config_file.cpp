#include "aircheck/config_file.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <string_view>

#include "aircheck/command_line.hpp"
#include "aircheck/paths.hpp"

namespace aircheck::apps {
namespace {

using Items = std::vector<CLI::ConfigItem>;

// CLI11 2.1 takes a # within quotes for a comment too and would cut a password there: comments are taken away here, and it is
// told of a character that no file has.
constexpr char kNoComment = '\x01';

std::string_view without_comment(std::string_view line) {
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (quote == 0 && line[i] == '#') return line.substr(0, i);
    if (quote == 0 && (line[i] == '"' || line[i] == '\'')) quote = line[i];
    else if (line[i] == quote) quote = 0;
  }
  return line;
}

// yt_dlp and yt-dlp are the same key.
std::string key_of(std::string name) {
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

bool has_option(const CLI::App& command, const std::string& key) {
  const auto* option = command.get_option_no_throw("--" + key);
  return option != nullptr && option->get_configurable();
}

bool in_environment(const std::string& key) {
  const char* value = std::getenv(environment_name(key).c_str());
  return value != nullptr && *value != '\0';
}

[[noreturn]] void unknown_key(const std::string& key) {
  throw CLI::ConfigError(
      fmt::format("there is no option '{}' to set. The keys are the options' long names without '--'", key));
}

const CLI::App& command_of(const CLI::App& app, const std::string& section) {
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; }))
    if (command->get_name() == section) return *command;
  throw CLI::ConfigError(fmt::format("there is no command for the section [{}]", section));
}

bool is_section_mark(const CLI::ConfigItem& item) { return item.name == "++" || item.name == "--"; }

void add_general(const CLI::App& app, const CLI::ConfigItem& item, Items& out) {
  bool known = has_option(app, item.name);
  if (known) out.push_back(item);
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (!has_option(*command, item.name)) continue;
    known = true;
    out.push_back(item);
    out.back().parents = {command->get_name()};
  }
  if (!known) unknown_key(item.name);
}

}  // namespace

ConfigFile::ConfigFile(const CLI::App& app) : app_(app) { comment(kNoComment); }

Items ConfigFile::from_config(std::istream& input) const {
  std::stringstream plain;
  for (std::string line; std::getline(input, line);) plain << without_comment(line) << '\n';
  Items special, general;
  for (auto item : CLI::ConfigTOML::from_config(plain)) {
    if (is_section_mark(item)) continue;
    item.name = key_of(item.name);
    if (item.parents.empty()) {
      if (!in_environment(item.name)) add_general(app_, item, general);
      continue;
    }
    if (!has_option(command_of(app_, item.parents.front()), item.name)) unknown_key(item.fullname());
    if (!in_environment(item.name)) special.push_back(std::move(item));
  }
  // CLI11 keeps the first value that an option gets: a command's own section goes before the general keys.
  special.insert(special.end(), general.begin(), general.end());
  return special;
}

std::string default_config_file() {
  const char* named = std::getenv("AIRCHECK_CONFIG");
  return named != nullptr && *named != '\0' ? named : (config_home() / "aircheck" / "config.toml").string();
}

}  // namespace aircheck::apps
