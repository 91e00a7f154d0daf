#pragma once
// The subcommands of `aircheck watch`, each added to it as commands.hpp tells. They are clients with the options of `watch`
// itself, which must outlive the parse as the other references must.

namespace CLI {
class App;
}

namespace aircheck::apps {

struct ClientOptions;

void add_watch_add(CLI::App& watch, const ClientOptions& options, int& exit_code);
void add_watch_list(CLI::App& watch, const ClientOptions& options, int& exit_code);
void add_watch_remove(CLI::App& watch, const ClientOptions& options, int& exit_code);

}  // namespace aircheck::apps
