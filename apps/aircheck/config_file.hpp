#pragma once
// The configuration file: TOML as CLI11 reads it. A key at the top belongs to every command that has such an option, one in a
// section, [serve] for instance, only to that command. Pure but for the environment, whose variables win over the file.

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace aircheck::apps {

class ConfigFile : public CLI::ConfigTOML {
 public:
  /// `app` is borrowed: its commands and options are looked at when a file is read.
  explicit ConfigFile(const CLI::App& app);

  /// What CLI11 is to set. Throws CLI::ConfigError for a key or section that is none.
  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override;

 private:
  const CLI::App& app_;
};

/// --config's default: $AIRCHECK_CONFIG, else $XDG_CONFIG_HOME/aircheck/config.toml, else below ~/.config.
std::string default_config_file();

}  // namespace aircheck::apps
