#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "aircheck/command_line.hpp"
#include "aircheck/completion.hpp"
#include "aircheck/help_format.hpp"

namespace aircheck::apps {
namespace {

// roff takes a line that begins with "." or "'" for a request, and "\" for an escape; "-" would become a hyphen.
std::string roff(std::string_view text) {
  std::string out;
  bool line_begins = true;
  for (const char c : text) {
    if (line_begins && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') out += "\\e";
    else if (c == '-') out += "\\-";
    else out += c;
    line_begins = c == '\n';
  }
  return out;
}

std::string trimmed(std::string text) {
  text.erase(0, std::min(text.find_first_not_of(' '), text.size()));
  return text;
}

std::string entry(const std::string& label, const CLI::Option& option) {
  const auto otherwise = default_label(option);
  std::string text = fmt::format(".TP\n.B {}\n{}", roff(label), roff(option.get_description()));
  if (!otherwise.empty()) text += fmt::format(" (default: {})", roff(otherwise));
  return text + ".\n";
}

std::string options(const CLI::App& command) {
  std::string text;
  for (const auto* option : visible_options(command))
    if (option != command.get_help_ptr()) text += entry(trimmed(option_label(*option)), *option);
  return text;
}

// Paragraphs as they are; the examples of a help text keep their lines.
std::string footer(const CLI::App& command) {
  const auto text = command.get_footer();
  const auto examples = text.find("Examples:\n");
  std::string out;
  if (examples != 0 && !text.empty()) out += ".PP\n" + roff(text.substr(0, std::min(examples, text.size()))) + "\n";
  if (examples != std::string::npos)
    out += ".PP\nExamples:\n.PP\n.nf\n.RS 2\n" + roff(text.substr(examples + 10)) + "\n.RE\n.fi\n";
  std::string::size_type blank;
  while ((blank = out.find("\n\n")) != std::string::npos) out.erase(blank, 1);
  return out;
}

std::string synopsis(const std::string& path, const CLI::App& command) {
  std::string line = fmt::format(".SS aircheck {} [OPTION\\[u2026]]", path);
  for (const auto* option : command.get_options([](const CLI::Option* o) { return o->get_positional(); })) {
    auto name = option->get_name(true, false);
    std::transform(name.begin(), name.end(), name.begin(), [](char c) { return static_cast<char>(std::toupper(c)); });
    if (option->get_expected_max() > 1) name += "\\[u2026]";
    line += option->get_required() ? " " + name : " [" + name + "]";
  }
  return line + "\n";
}

constexpr std::string_view kStatus =
    ".SH EXIT STATUS\n"
    ".TP\n.B 0\nDone. A recording is complete, or was ended by the user.\n"
    ".TP\n.B 1\nFailed; a message on standard error says why and what to do.\n"
    ".TP\n.B 2\nThe command line, a variable or the configuration file is wrong.\n"
    ".TP\n.B 3\nRecorded and kept, but with holes; the message lists them.\n";

constexpr std::string_view kConfiguration =
    ".SH CONFIGURATION\n"
    "Every option \\-\\-some\\-name is also the environment variable AIRCHECK_SOME_NAME and the key some\\-name of "
    "the\n"
    "configuration file, which is TOML and lies at $XDG_CONFIG_HOME/aircheck/config.toml, usually\n"
    "~/.config/aircheck/config.toml. A key at its top belongs to every command that has the option, one in a section "
    "such\n"
    "as [serve] only to that command. Options win over variables, variables over the file.\n"
    ".PP\n.nf\n.RS 2\n"
    "quality = \"1080\"\nproxy = \"http://proxy.example:8080\"\n\n[serve]\nlisten = \"127.0.0.1:9000\"\ndata = "
    "\"/srv/recordings\"\n"
    ".RE\n.fi\n";

constexpr std::string_view kFiles =
    ".SH FILES\n"
    ".TP\n.I FILE.mkv.journal\nBeside an unfinished recording: what the next run needs to go on with it.\n"
    ".TP\n.I ~/.local/share/aircheck/aircheck.db\nThe server's jobs and queue, unless \\-\\-data says otherwise.\n"
    ".TP\n.I ~/.local/share/aircheck/recordings/\nIts recordings, by year and month.\n";

}  // namespace

std::string man_page(const CLI::App& app, const std::string& version) {
  std::string text = fmt::format(
      ".TH AIRCHECK 1 \"\" \"aircheck {}\" \"User Commands\"\n.SH NAME\naircheck \\- records live streams and loses "
      "nothing\n"
      ".SH SYNOPSIS\n.B aircheck\n.I COMMAND\n[OPTION\\[u2026]]\n"
      ".SH DESCRIPTION\nRecords live streams, YouTube Live first, in the highest quality into one seekable .mkv each: "
      "in the\n"
      "foreground with\n.BR \"aircheck record\" ,\nor as jobs of a server,\n.BR \"aircheck serve\" ,\nthat has a "
      "dashboard and an "
      "HTTP interface.\n.SH COMMANDS\n",
      version);
  for (const auto& [path, command] : all_commands(app))
    text += synopsis(path, *command) + roff(command->get_description()) + ".\n" + options(*command) + footer(*command);
  text += ".SH GENERAL OPTIONS\n" + options(app);
  return text + std::string(kStatus) + std::string(kConfiguration) + std::string(kFiles);
}

}  // namespace aircheck::apps
