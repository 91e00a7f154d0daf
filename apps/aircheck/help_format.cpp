#include "aircheck/help_format.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <utility>

#include "aircheck/command_line.hpp"
#include "aircheck/terminal.hpp"

namespace aircheck::apps {
namespace {

constexpr std::size_t kLeftColumn = 30;
constexpr std::size_t kMostReadable = 110;

std::vector<const CLI::Option*> positionals(const CLI::App& app) {
  return app.get_options([](const CLI::Option* option) { return option->get_positional(); });
}

std::string positional_label(const CLI::Option& option) {
  std::string name = option.get_name(true, false);
  std::transform(name.begin(), name.end(), name.begin(), [](char c) { return static_cast<char>(std::toupper(c)); });
  if (option.get_expected_max() > 1) name += "…";
  return option.get_required() ? name : "[" + name + "]";
}

// A command's options, and those of the command that it belongs to: they are given to either.
std::vector<const CLI::Option*> own_options(const CLI::App& app) {
  auto options = visible_options(app);
  const auto* outer = app.get_parent();
  if (outer == nullptr || outer->get_parent() == nullptr) return options;
  for (const auto* option : own_options(*outer))
    if (option != outer->get_help_ptr()) options.push_back(option);
  return options;
}

std::string description_of(const CLI::Option& option) {
  const auto otherwise = default_label(option);
  return otherwise.empty() ? option.get_description()
                           : fmt::format("{} (default: {})", option.get_description(), otherwise);
}

}  // namespace

bool takes_value(const CLI::Option& option) { return option.get_expected_min() > 0; }

std::string default_label(const CLI::Option& option) {
  if (!takes_value(option)) return {};
  const auto text = option.get_default_str();
  const char* home = std::getenv("HOME");
  return home != nullptr && *home == '/' && text.starts_with(home + std::string("/"))
             ? "~" + text.substr(std::string_view(home).size())
             : text;
}

std::string option_label(const CLI::Option& option) {
  std::string label;
  for (const auto& name : option.get_snames()) label += "-" + name + ", ";
  if (label.empty()) label = "    ";  // long names in one column
  for (const auto& name : option.get_lnames()) label += (label.ends_with(' ') ? "--" : ", --") + name;
  const auto kind = option.get_type_name();
  // CLI11 appends what validators want: "FILE:FILE".
  if (takes_value(option)) label += " " + (kind.empty() ? std::string("TEXT") : kind.substr(0, kind.find(':')));
  return label;
}

HelpFormat::HelpFormat(std::size_t width, bool colours) : width_(std::min(width, kMostReadable)), colours_(colours) {}

std::string HelpFormat::heading(const std::string& text) const {
  return "\n" + styled(text, Style::bold, colours_) + "\n";
}

std::string HelpFormat::entry(const std::string& left, const std::string& right) const {
  const auto lines = wrap(right, std::max<std::size_t>(width_, kLeftColumn + 22) - kLeftColumn - 2);
  std::string text = "  " + left;
  const auto used = display_width(text);
  const bool beside = used + 2 <= kLeftColumn;
  text += beside ? std::string(kLeftColumn - used, ' ') : "\n" + std::string(kLeftColumn, ' ');
  for (std::size_t i = 0; i < lines.size(); ++i)
    text += (i == 0 ? "" : std::string(kLeftColumn, ' ')) + lines[i] + "\n";
  return text;
}

std::string HelpFormat::usage(const CLI::App& app) const {
  std::string line = app.get_name();
  for (const auto* parent = app.get_parent(); parent != nullptr; parent = parent->get_parent())
    line.insert(0, parent->get_name() + " ");
  const auto with_command = line + " COMMAND [OPTION…]";
  const bool alone = visible_commands(app).empty() || !positionals(app).empty();
  line += " [OPTION…]";
  for (const auto* option : positionals(app)) line += " " + positional_label(*option);
  auto text = styled("Usage:", Style::bold, colours_) + " " + (alone ? line : with_command) + "\n";
  if (alone && !visible_commands(app).empty()) text += "       " + with_command + "\n";
  return text;
}

std::string HelpFormat::arguments(const CLI::App& app) const {
  std::string text;
  for (const auto* option : positionals(app)) text += entry(positional_label(*option), description_of(*option));
  return text.empty() ? text : heading("Arguments") + text;
}

std::string HelpFormat::options(const CLI::App& app) const {
  const auto all = own_options(app);
  std::vector<std::string> groups;
  for (const auto* option : all)
    if (std::ranges::find(groups, option->get_group()) == groups.end()) groups.push_back(option->get_group());
  std::string text;
  for (const auto& group : groups) {
    text += heading(group);
    for (const auto* option : all)
      if (option->get_group() == group) text += entry(option_label(*option), description_of(*option));
  }
  return text;
}

std::string HelpFormat::commands(const CLI::App& app) const {
  std::string text, group;
  for (const auto* command : visible_commands(app)) {
    if (command->get_group() != group) {
      group = command->get_group();
      text += heading(group == "Subcommands" ? "Commands" : group);
    }
    text += entry(command->get_name(), command->get_description());
  }
  return text;
}

std::string HelpFormat::make_help(const CLI::App* app, std::string, CLI::AppFormatMode) const {
  std::string text = app->get_description() + ".\n\n" + usage(*app) + arguments(*app) + commands(*app) + options(*app);
  const auto* root = app;
  while (root->get_parent() != nullptr) root = root->get_parent();
  if (root != app) {
    std::string general;
    for (const auto* option : visible_options(*root))
      if (option != root->get_help_ptr()) general += entry(option_label(*option), description_of(*option));
    text += heading("General") + general;
  }
  return text + footer(*app);
}

// Paragraphs are wrapped, indented lines (the examples) stay as they are.
std::string HelpFormat::footer(const CLI::App& app) const {
  std::istringstream lines(app.get_footer());
  std::string text, paragraph;
  const auto flush = [&] {
    if (paragraph.empty()) return;
    for (const auto& line : wrap(std::exchange(paragraph, {}), width_)) text += line + "\n";
  };
  for (std::string line; std::getline(lines, line);) {
    const bool title = line.ends_with(':') && !line.starts_with(' ');
    if (line.empty() || title || line.starts_with(' ')) flush();
    if (title) text += styled(line.substr(0, line.size() - 1), Style::bold, colours_) + "\n";
    else if (line.empty() || line.starts_with(' ')) text += line + "\n";
    else paragraph += (paragraph.empty() ? "" : " ") + line;
  }
  flush();
  return text.empty() ? text : "\n" + text;
}

}  // namespace aircheck::apps
