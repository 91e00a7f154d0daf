// aircheck stop, cancel, retry, delete: the user's wishes about jobs.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "aircheck/client.hpp"
#include "aircheck/commands.hpp"
#include "aircheck/report.hpp"
#include "core/job_json.hpp"

namespace aircheck::apps {
namespace {

struct Wish {
  std::string name;
  std::string description;
  std::string note;  // before the examples
};

struct WishParameters {
  ClientOptions client;
  std::vector<std::string> ids;
};

std::string outcome_text(const std::string& wish, const Job& job) {
  const bool under_way = !is_terminal(job.status) && job.stop_requested != StopRequest::none;
  const auto state = under_way ? "asked to " + wish : std::string(to_string(job.status));
  return fmt::format("{}  {}  {}", short_id(job.id), state, printable(job_name(job)));
}

Result<void> carry_out(Client& client, const std::string& wish, const std::string& prefix, bool json) {
  const auto id = TRY(client.full_id(prefix));
  if (wish == "delete") {
    TRY(client.remove(id));
    if (json) fmt::print("{{\"id\":\"{}\",\"deleted\":true}}\n", id);
    else fmt::print("{}  deleted\n", short_id(id));
    return {};
  }
  const auto job = TRY(client.act(id, wish));
  fmt::print("{}\n", json ? to_json_text(job) : outcome_text(wish, job));
  return {};
}

int run_wish(const WishParameters& parameters, const std::string& wish) {
  const bool json = parameters.client.json;
  auto client = Client::make(parameters.client);
  if (!client) return complain(client.error(), json);
  int status = 0;
  for (const auto& id : parameters.ids)
    if (const auto done = carry_out(*client, wish, id, json); !done) status = complain(done.error(), json);
  return status;
}

void add_wish(CLI::App& app, int& exit_code, const Wish& wish) {
  const auto parameters = std::make_shared<WishParameters>();
  auto* const command = app.add_subcommand(wish.name, wish.description)->group("Client of a server");
  command->add_option("id", parameters->ids, "The jobs' ids, or enough of their beginnings")->required();
  add_client_options(*command, parameters->client);
  command->footer(fmt::format("{}\n\nExamples:\n  aircheck {} 0190f3e2-1a2b", wish.note, wish.name));
  command->callback([parameters, &exit_code, name = wish.name] { exit_code = run_wish(*parameters, name); });
}

}  // namespace

void add_stop(CLI::App& app, int& exit_code) {
  add_wish(app, exit_code,
           {"stop", "Stop recording and keep what there is",
            "The file is finished within seconds; 'aircheck show' says when."});
}

void add_cancel(CLI::App& app, int& exit_code) {
  add_wish(app, exit_code,
           {"cancel", "Stop recording and discard what there is", "To keep the recording use 'aircheck stop'."});
}

void add_retry(CLI::App& app, int& exit_code) {
  add_wish(
      app, exit_code,
      {"retry", "Try jobs again that failed or were cancelled", "What a failed attempt has recorded is gone on with."});
}

void add_delete(CLI::App& app, int& exit_code) {
  add_wish(app, exit_code,
           {"delete", "Delete jobs that have ended, and their recordings",
            "The files are deleted too. A job that has not ended must be stopped or cancelled first."});
}

}  // namespace aircheck::apps
