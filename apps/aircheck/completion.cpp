#include "aircheck/completion.hpp"

#include <fmt/core.h>

#include <CLI/CLI.hpp>

#include "aircheck/command_line.hpp"
#include "aircheck/help_format.hpp"

namespace aircheck::apps {
namespace {

using Options = std::vector<const CLI::Option*>;

// A command's own options, those of the command that it belongs to, and those of the whole program.
Options options_of(const CLI::App& command) {
  auto options = visible_options(command);
  for (const auto* outer = command.get_parent(); outer != nullptr; outer = outer->get_parent())
    for (const auto* option : visible_options(*outer))
      if (option != outer->get_help_ptr()) options.push_back(option);
  return options;
}

// Its options and those of its own commands, each name once.
Options options_within(const CLI::App& command) {
  auto options = options_of(command);
  for (const auto* inner : visible_commands(command))
    for (const auto* option : visible_options(*inner))
      if (option != inner->get_help_ptr()) options.push_back(option);
  return options;
}

// What may follow a command's name, where that is one of a few words.
std::string words_after(const CLI::App& command) {
  if (command.get_name() == "completion") return "bash zsh fish";
  std::string words;
  for (const auto* inner : visible_commands(command)) words += (words.empty() ? "" : " ") + inner->get_name();
  return words;
}

bool takes_path(const CLI::Option& option) {
  const auto kind = option.get_type_name();
  return kind.starts_with("FILE") || kind.starts_with("PATH") || kind.starts_with("DIR");
}

std::vector<std::string> names_of(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const auto& name : option.get_snames()) names.push_back("-" + name);
  for (const auto& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

// Single-quoted for a shell.
std::string shell_word(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? "'\\''" : std::string(1, c);
  return out + "'";
}

std::string all_names(const Options& options, bool (*wanted)(const CLI::Option&)) {
  std::string text;
  for (const auto* option : options)
    if (wanted(*option))
      for (const auto& name : names_of(*option)) text += (text.empty() ? "" : " ") + name;
  return text;
}

// The values that an option may have, where they are few.
std::string choices_of(const CLI::Option& option) {
  const auto name = option.get_lnames().empty() ? std::string{} : option.get_lnames().front();
  if (name == "quality") return "best worst 2160 1440 1080 720 480 360";
  if (name == "log-level") return "debug info warn error";
  if (name == "log-format") return "text json";
  if (name == "status") return "pending started waiting recording uploading completed failed cancelled";
  return {};
}

std::string zsh_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_value(const CLI::Option& option) {
  if (!takes_value(option)) return {};
  if (const auto choices = choices_of(option); !choices.empty()) return ":value:(" + choices + ")";
  if (takes_path(option)) return option.get_type_name().starts_with("DIR") ? ":folder:_files -/" : ":file:_files";
  return ":value: ";
}

}  // namespace

std::string bash_completion(const CLI::App& app) {
  std::string paths, cases, values, following;
  for (const auto& [path, command] : all_commands(app)) {
    const auto options = options_of(*command);
    paths += (paths.empty() ? "" : "|") + shell_word(path.find(' ') == std::string::npos ? " " + path : path);
    cases += fmt::format("    {}) words={} ;;\n", shell_word(path),
                         shell_word(all_names(options, [](const CLI::Option&) { return true; })));
    if (const auto words = words_after(*command); !words.empty())
      following += fmt::format("    {}) names={} ;;\n", shell_word(path), shell_word(words));
    for (const auto* option : options)
      if (const auto choices = choices_of(*option);
          !choices.empty() && values.find("--" + option->get_lnames().front() + ")") == std::string::npos)
        values += fmt::format("    --{}) COMPREPLY=($(compgen -W {} -- \"$current\")); return ;;\n",
                              option->get_lnames().front(), shell_word(choices));
  }
  return fmt::format(
      R"(# bash completion of aircheck; made by 'aircheck completion bash'
_aircheck() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} command='' names='' word words
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case "$command $word" in
      {}) command="${{command:+$command }}$word" ;;
    esac
  done
  COMPREPLY=()
  case $previous in
{}  esac
  case $command in
{}    *) words={} ;;
  esac
  case $command in
{}    '') names={} ;;
  esac
  [[ -z $names || $current == -* ]] || words=$names
  if [[ -n $names || $current == -* ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  fi
}}
complete -o default -F _aircheck aircheck
)",
      paths, values, cases, shell_word(all_names(visible_options(app), [](const CLI::Option&) { return true; })),
      following, shell_word(words_after(app)));
}

std::string zsh_completion(const CLI::App& app) {
  std::string commands, cases;
  for (const auto* command : visible_commands(app)) {
    commands +=
        fmt::format("    {}\n", shell_word(command->get_name() + ":" + zsh_escaped(command->get_description())));
    cases += fmt::format("        {})\n          _arguments \\\n", command->get_name());
    for (const auto* option : options_within(*command))
      for (const auto& name : names_of(*option))
        cases += fmt::format("            {} \\\n", shell_word(name + "[" + zsh_escaped(option->get_description()) +
                                                               "]" + zsh_value(*option)));
    const auto words = words_after(*command);
    cases +=
        words.empty() ? "            '*: :_files'\n" : fmt::format("            '1:what:({})' '*: :_files'\n", words);
    cases += "          ;;\n";
  }
  return fmt::format(R"(#compdef aircheck
# zsh completion of aircheck; made by 'aircheck completion zsh'
_aircheck() {{
  local -a commands
  commands=(
{}  )
  _arguments -C '1:command:->command' '*::argument:->argument'
  case $state in
    command) _describe command commands ;;
    argument)
      case $words[1] in
{}      esac
      ;;
  esac
}}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _aircheck "$@"; else compdef _aircheck aircheck; fi
)",
                     commands, cases);
}

std::string fish_completion(const CLI::App& app) {
  std::string text = "# fish completion of aircheck; made by 'aircheck completion fish'\n";
  const auto add = [&text](const std::string& condition, const CLI::Option& option) {
    text += fmt::format("complete -c aircheck -n {}", shell_word(condition));
    for (const auto& name : option.get_snames()) text += " -s " + name;
    for (const auto& name : option.get_lnames()) text += " -l " + name;
    if (takes_value(option)) text += takes_path(option) ? " -r -F" : " -x";
    if (const auto choices = choices_of(option); !choices.empty()) text += " -a " + shell_word(choices);
    text += " -d " + shell_word(option.get_description()) + "\n";
  };
  for (const auto* option : visible_options(app)) add("true", *option);
  for (const auto* command : visible_commands(app)) {
    text += fmt::format("complete -c aircheck -n __fish_use_subcommand -f -a {} -d {}\n", command->get_name(),
                        shell_word(command->get_description()));
    const auto seen = "__fish_seen_subcommand_from " + command->get_name();
    for (const auto* option : visible_options(*command)) add(seen, *option);
    for (const auto* inner : visible_commands(*command)) {
      text += fmt::format("complete -c aircheck -n {} -f -a {} -d {}\n", shell_word(seen), inner->get_name(),
                          shell_word(inner->get_description()));
      for (const auto* option : visible_options(*inner))
        if (option != inner->get_help_ptr())
          add(seen + "; and __fish_seen_subcommand_from " + inner->get_name(), *option);
    }
  }
  return text + "complete -c aircheck -n '__fish_seen_subcommand_from completion' -f -a 'bash zsh fish'\n";
}

}  // namespace aircheck::apps
