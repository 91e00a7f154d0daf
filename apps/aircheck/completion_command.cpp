// aircheck completion and the hidden aircheck man: what the tree of commands is turned into.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "aircheck/commands.hpp"
#include "aircheck/completion.hpp"

namespace aircheck::apps {

void add_completion(CLI::App& app, int&) {
  const auto shell = std::make_shared<std::string>();
  auto* const command = app.add_subcommand("completion", "Print a shell's completion script")->group("Help");
  command->add_option("shell", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->footer(
      "Examples:\n"
      "  source <(aircheck completion bash)\n"
      "  aircheck completion zsh > \"${fpath[1]}/_aircheck\"\n"
      "  aircheck completion fish > ~/.config/fish/completions/aircheck.fish");
  command->callback([&app, shell] {
    fmt::print("{}", *shell == "bash"  ? bash_completion(app)
                     : *shell == "zsh" ? zsh_completion(app)
                                       : fish_completion(app));
  });
}

void add_man(CLI::App& app, int&) {
  auto* const command = app.add_subcommand("man", "Print the manual page")->group("");
  command->callback([&app] { fmt::print("{}", man_page(app, AIRCHECK_VERSION)); });
}

}  // namespace aircheck::apps
