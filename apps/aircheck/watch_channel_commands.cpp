// aircheck watch add, list, remove: the channels that the server records whenever they go live.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "aircheck/client.hpp"
#include "aircheck/report.hpp"
#include "aircheck/watch_commands.hpp"
#include "aircheck/watch_view.hpp"
#include "core/watch_json.hpp"

namespace aircheck::apps {
namespace {

struct Addition {
  std::vector<std::string> channels;
  Watch watch;  // title, quality, from_start
};

int add(const ClientOptions& options, const Addition& addition) {
  auto client = Client::make(options);
  if (!client) return complain(client.error(), options.json);
  int status = 0;
  for (const auto& channel : addition.channels) {
    auto wanted = addition.watch;
    wanted.channel = channel;
    const auto watch = client->watch(wanted);
    if (!watch) status = complain(watch.error(), options.json);
    else if (options.json) fmt::print("{}\n", to_json_text(*watch));
    else fmt::print("{}  {}\n", watch->id, printable(watch->channel));
    if (!watch && watch.error().kind == ErrorKind::unavailable) break;  // it will not answer for the next one either
  }
  return status;
}

Result<std::vector<Watch>> fetch(const ClientOptions& options) {
  auto client = TRY(Client::make(options));
  return client.watches();
}

int list(const ClientOptions& options) {
  const auto watches = fetch(options);
  if (!watches) return complain(watches.error(), options.json);
  if (!options.json) {
    fmt::print("{}", watch_table(*watches, standard_view()));
    return 0;
  }
  std::string text = "[";
  for (const auto& watch : *watches) text += (text.size() == 1 ? "\n" : ",\n") + to_json_text(watch);
  fmt::print("{}{}]\n", text, watches->empty() ? "" : "\n");
  return 0;
}

Result<Watch> find(const std::vector<Watch>& watches, const std::string& prefix) {
  const auto fits = [&](const Watch& watch) { return watch.id.starts_with(prefix); };
  const auto count = std::ranges::count_if(watches, fits);
  if (count == 1) return *std::ranges::find_if(watches, fits);
  if (count == 0)
    return fail(ErrorKind::not_found, fmt::format("no watch's id begins with '{}'. See 'aircheck watch list'", prefix));
  return fail(ErrorKind::invalid_input, fmt::format("{} watches' ids begin with '{}'. Give more of it", count, prefix));
}

Result<void> remove(Client& client, const std::string& prefix, bool json) {
  const auto watch = TRY(find(TRY(client.watches()), prefix));
  TRY(client.unwatch(watch.id));
  if (json) fmt::print("{{\"id\":\"{}\",\"deleted\":true}}\n", watch.id);
  else fmt::print("{}  no longer watched: {}\n", short_id(watch.id), printable(channel_name(watch)));
  return {};
}

int remove(const ClientOptions& options, const std::vector<std::string>& ids) {
  auto client = Client::make(options);
  if (!client) return complain(client.error(), options.json);
  int status = 0;
  for (const auto& id : ids)
    if (const auto done = remove(*client, id, options.json); !done) status = complain(done.error(), options.json);
  return status;
}

}  // namespace

void add_watch_add(CLI::App& watch, const ClientOptions& options, int& exit_code) {
  const auto addition = std::make_shared<Addition>();
  auto* const command = watch.add_subcommand("add", "Record channels whenever they go live")->group("Commands");
  command->add_option("channel", addition->channels, "@name, a channel's id (UC…), or its address")->required();
  command->add_option("--title", addition->watch.title, "Only broadcasts whose title this regular expression matches")
      ->type_name("REGEX");
  command->add_option("--quality", addition->watch.quality, "best, worst, or at most so many lines, such as 720")
      ->type_name("Q")
      ->capture_default_str();
  command->add_flag("--from-start", addition->watch.from_start,
                    "What was broadcast before it was noticed too, where it can still be had");
  command->footer(
      "The server looks at each channel every minute and makes a job of what is live or announced; 'aircheck watch "
      "list'\nsays how that went. YouTube may tell of a broadcast some minutes late: --from-start brings what was "
      "before. "
      "The\nexpression may match anywhere in the title, without regard to case.\n\n"
      "Examples:\n"
      "  aircheck watch add @NASA\n"
      "  aircheck watch add --title 'launch|landing' --from-start @NASA @SpaceX\n"
      "  aircheck watch add --quality 720 https://www.youtube.com/channel/UCLA_DiR1FfKNvjuUpBHmylQ");
  command->callback([addition, &options, &exit_code] { exit_code = add(options, *addition); });
}

void add_watch_list(CLI::App& watch, const ClientOptions& options, int& exit_code) {
  auto* const command = watch.add_subcommand("list", "List the watched channels")->group("Commands");
  command->footer(
      "Examples:\n"
      "  aircheck watch list\n"
      "  aircheck watch list --json | jq -r '.[] | select(.last_error) | .channel'");
  command->callback([&watch, &options, &exit_code] {
    // A word that is left over is offered to `watch`, which takes it for a job.
    if (watch.count("job") > 0) throw CLI::ExtrasError("watch list", watch["job"]->results());
    exit_code = list(options);
  });
}

void add_watch_remove(CLI::App& watch, const ClientOptions& options, int& exit_code) {
  const auto ids = std::make_shared<std::vector<std::string>>();
  auto* const command =
      watch.add_subcommand("remove", "Watch channels no longer; their jobs and recordings stay")->group("Commands");
  command->add_option("id", *ids, "The watches' ids, or enough of their beginnings")->required();
  command->footer("Examples:\n  aircheck watch remove 0190f3e2-1a2b");
  command->callback([ids, &options, &exit_code] { exit_code = remove(options, *ids); });
}

}  // namespace aircheck::apps
