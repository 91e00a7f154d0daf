#pragma once
// The program's commands. Each function adds one command to `app`: its options, its help with examples, and a callback that
// carries it out during app.parse() and leaves the process's exit status in `exit_code`: 0 done, 1 failed, 2 usage,
// 3 (record, repair) kept but with holes. Both references must outlive the parse.

namespace CLI {
class App;
}

namespace aircheck::apps {

void add_record(CLI::App& app, int& exit_code);
void add_serve(CLI::App& app, int& exit_code);
/// Hidden; what `serve`, `agent` and ECS start for each job, with --job-id, --lease-owner and what RecorderPlace tells.
void add_recorder(CLI::App& app, int& exit_code);
void add_agent(CLI::App& app, int& exit_code);
void add_repair(CLI::App& app, int& exit_code);

void add_submit(CLI::App& app, int& exit_code);
void add_list(CLI::App& app, int& exit_code);
void add_show(CLI::App& app, int& exit_code);
void add_watch(CLI::App& app, int& exit_code);
void add_stop(CLI::App& app, int& exit_code);
void add_cancel(CLI::App& app, int& exit_code);
void add_retry(CLI::App& app, int& exit_code);
void add_delete(CLI::App& app, int& exit_code);

void add_doctor(CLI::App& app, int& exit_code);
void add_completion(CLI::App& app, int& exit_code);
void add_man(CLI::App& app, int& exit_code);  // hidden; the build makes the manual page with it

}  // namespace aircheck::apps
