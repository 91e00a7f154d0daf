#pragma once
// What all commands share: help, version, log options, environment, configuration file, and how usage errors are told.
// An option --some-name is AIRCHECK_SOME_NAME in the environment and `some-name` in the file; flags win over the environment,
// the environment over the file. Used once per process, by main().

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace aircheck::apps {

inline constexpr int kUsageError = 2;

/// The program's general options and the form of its help. To be called before the commands are added.
void begin_command_line(CLI::App& app);
/// Parses and, by the commands' callbacks, runs. Returns the process's exit status: `exit_code`, or kUsageError.
int run_command_line(CLI::App& app, int argc, char** argv, const int& exit_code);

/// "AIRCHECK_YT_DLP_ARGS" for "yt-dlp-args".
std::string environment_name(std::string_view option);
/// Gives every long option of every command its variable.
void name_environment(CLI::App& app);

/// The commands that stand in the help, in their order.
std::vector<const CLI::App*> visible_commands(const CLI::App& app);
struct NamedCommand {
  std::string path;  // "record", "watch add"
  const CLI::App* command = nullptr;
};
/// The same with the commands' own ones, each behind its command. `path` is put before every name.
std::vector<NamedCommand> all_commands(const CLI::App& app, const std::string& path = {});
/// The options that stand in the help; those without a group are hidden, positional ones are left out.
std::vector<const CLI::Option*> visible_options(const CLI::App& command);
/// The candidate that `word` was probably meant to be; empty when none is near.
std::string_view nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace aircheck::apps
