#pragma once
// How `--help` looks: usage, options in two columns that fit the terminal, the general options, examples. Stateless.

#include <CLI/CLI.hpp>
#include <string>

namespace aircheck::apps {

class HelpFormat : public CLI::Formatter {
 public:
  /// Columns to fit into, and whether headings are set off.
  HelpFormat(std::size_t width, bool colours);

  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override;

 private:
  std::string heading(const std::string& text) const;
  std::string entry(const std::string& left, const std::string& right) const;
  std::string usage(const CLI::App& app) const;
  std::string arguments(const CLI::App& app) const;
  std::string options(const CLI::App& app) const;
  std::string commands(const CLI::App& app) const;
  std::string footer(const CLI::App& app) const;

  std::size_t width_;
  bool colours_;
};

/// Whether it is more than a flag.
bool takes_value(const CLI::Option& option);
/// "-o,--output FILE": an option's names and the kind of value that it takes.
std::string option_label(const CLI::Option& option);
/// The value that holds when none is given, the home folder as "~"; empty when there is none.
std::string default_label(const CLI::Option& option);

}  // namespace aircheck::apps
