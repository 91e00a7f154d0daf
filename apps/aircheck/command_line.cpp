#include "aircheck/command_line.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <numeric>

#include "aircheck/config_file.hpp"
#include "aircheck/help_format.hpp"
#include "aircheck/terminal.hpp"
#include "base/log.hpp"

namespace aircheck::apps {
namespace {

constexpr std::string_view kFooter =
    "Every option --some-name is also the variable AIRCHECK_SOME_NAME and the key some-name of the configuration "
    "file,\n"
    "there for all commands, or for one in its [section]. Options win over variables, variables over the file.\n\n"
    "Examples:\n"
    "  aircheck record https://www.youtube.com/watch?v=jfKfPfyJRdk -o radio.mkv\n"
    "  aircheck serve\n"
    "  aircheck submit https://www.youtube.com/@channel/live\n"
    "  aircheck doctor";

// The server and its recorders tell what they do; the other commands only what goes wrong.
log::Level log_level(const CLI::App& app, const std::string& name) {
  if (name == "debug") return log::Level::debug;
  if (name == "info") return log::Level::info;
  if (name == "error") return log::Level::error;
  if (name == "warn") return log::Level::warn;
  for (const auto* command : {"serve", "recorder", "agent"})
    if (app.got_subcommand(command)) return log::Level::info;
  return log::Level::warn;
}

// In an account what is logged goes where machines search it.
bool records_in_account(const CLI::App& app) {
  return app.got_subcommand("recorder") && app.get_subcommand("recorder")->count("--table") > 0;
}

void add_log_options(CLI::App& app) {
  auto* const level =
      app.add_option("--log-level", "Least weight of what is logged (default: info for serve and agent, else warn)")
          ->type_name("LEVEL")
          ->check(CLI::IsMember({"debug", "info", "warn", "error"}, CLI::ignore_case));
  auto* const format = app.add_option("--log-format", "text or json, on standard error")
                           ->type_name("FORMAT")
                           ->check(CLI::IsMember({"text", "json"}))
                           ->default_str("text");
  app.parse_complete_callback([&app, level, format] {
    const bool as_json = format->count() > 0 ? format->as<std::string>() == "json" : records_in_account(app);
    log::configure(log_level(app, level->count() > 0 ? level->as<std::string>() : ""),
                   as_json ? log::Format::json : log::Format::text);
  });
}

void add_config_option(CLI::App& app) {
  auto* const config =
      app.set_config("--config", default_config_file(), "Configuration file (TOML)")->type_name("FILE");
  // One that was named must be there; the default one need not.
  if (const char* named = std::getenv("AIRCHECK_CONFIG"); named != nullptr && *named != '\0') config->required();
  app.config_formatter(std::make_shared<ConfigFile>(app));
}

void print_version() { fmt::print("aircheck {}\n", AIRCHECK_VERSION); }

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const auto replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

const CLI::App& chosen_command(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app : chosen_command(*chosen.front());
}

// For a word that was not understood: what was probably meant, as a sentence.
std::string guess(const CLI::App& app, const std::vector<std::string>& words) {
  if (words.empty()) return {};
  const auto& command = chosen_command(app);
  std::vector<std::string> candidates;
  for (const auto* sub : visible_commands(command)) candidates.push_back(sub->get_name());
  for (const auto* owner = &command; owner != nullptr; owner = owner->get_parent())
    for (const auto* option : visible_options(*owner))
      for (const auto& name : option->get_lnames()) candidates.push_back("--" + name);
  const auto meant = nearest(words.front().substr(0, words.front().find('=')), candidates);
  return meant.empty() ? std::string{} : fmt::format("Did you mean '{}'? ", meant);
}

std::string command_path(const CLI::App& app) {
  std::string path;
  for (const auto* command = &chosen_command(app); command != nullptr; command = command->get_parent())
    path.insert(0, command->get_name() + (path.empty() ? "" : " "));
  return path;
}

std::string lower_first(std::string text) {
  if (text.size() > 1 && !std::isupper(static_cast<unsigned char>(text[1])))
    text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  while (!text.empty() && (text.back() == '.' || text.back() == '\n')) text.pop_back();
  return text;
}

std::string describe(const CLI::App& app, const CLI::ParseError& error) {
  const auto left_over = app.remaining(true);
  if (dynamic_cast<const CLI::ConfigError*>(&error) != nullptr)
    return fmt::format("{}: {}", app.get_config_ptr()->as<std::string>(), error.what());
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr && !left_over.empty())
    return fmt::format("{}'{}' is not understood", app.get_subcommands().empty() ? "the command " : "",
                       left_over.front());
  if (app.get_subcommands().empty() && dynamic_cast<const CLI::RequiredError*>(&error) != nullptr)
    return left_over.empty() ? "a command is wanted" : fmt::format("there is no command '{}'", left_over.front());
  return lower_first(error.what());
}

int complain_of_usage(const CLI::App& app, const CLI::ParseError& error) {
  fmt::print(stderr, "aircheck: {}. {}See '{} --help'\n", describe(app, error), guess(app, app.remaining(true)),
             command_path(app));
  return kUsageError;
}

}  // namespace

std::string environment_name(std::string_view option) {
  std::string name = "AIRCHECK_";
  for (const char c : option) name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

void name_environment(CLI::App& app) {
  for (auto* option : app.get_options()) {
    const bool asks = option == app.get_help_ptr() || option == app.get_config_ptr() || !option->get_configurable();
    if (!asks && !option->get_lnames().empty()) option->envname(environment_name(option->get_lnames().front()));
  }
  for (auto* command : app.get_subcommands([](CLI::App*) { return true; })) name_environment(*command);
}

std::vector<const CLI::App*> visible_commands(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* command) { return !command->get_group().empty(); });
}

std::vector<NamedCommand> all_commands(const CLI::App& app, const std::string& path) {
  std::vector<NamedCommand> out;
  for (const auto* command : visible_commands(app)) {
    out.push_back({path + command->get_name(), command});
    for (auto& inner : all_commands(*command, out.back().path + " ")) out.push_back(std::move(inner));
  }
  return out;
}

std::vector<const CLI::Option*> visible_options(const CLI::App& command) {
  return command.get_options(
      [](const CLI::Option* option) { return option->nonpositional() && !option->get_group().empty(); });
}

std::string_view nearest(std::string_view word, const std::vector<std::string>& candidates) {
  std::string_view best;
  std::size_t least = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const auto& candidate : candidates) {
    const auto distance = edit_distance(word, candidate);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

void begin_command_line(CLI::App& app) {
  app.formatter(std::make_shared<HelpFormat>(terminal_width(STDOUT_FILENO), use_colours(STDOUT_FILENO)));
  app.set_help_flag("-h,--help", "Print this help");
  app.add_flag_callback("--version", [] { throw CLI::CallForVersion(); }, "Print the version")->configurable(false);
  add_config_option(app);
  add_log_options(app);
  app.footer(std::string(kFooter));
  app.require_subcommand(1);
  app.fallthrough();
}

int run_command_line(CLI::App& app, int argc, char** argv, const int& exit_code) {
  name_environment(app);
  try {
    app.parse(argc, argv);
    return exit_code;
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", chosen_command(app).help());
    return 0;
  } catch (const CLI::CallForVersion&) {
    print_version();
    return 0;
  } catch (const CLI::ParseError& error) {
    return complain_of_usage(app, error);
  }
}

}  // namespace aircheck::apps
