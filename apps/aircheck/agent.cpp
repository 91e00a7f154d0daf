#include "aircheck/agent.hpp"

#include <fmt/core.h>

#include <chrono>
#include <memory>
#include <optional>
#include <thread>

#include "aircheck/data_folder.hpp"
#include "aircheck/end_signals.hpp"
#include "aircheck/report.hpp"
#include "aircheck/stream_check.hpp"
#include "aws/sqs_queue.hpp"
#include "base/log.hpp"
#include "cloud/account.hpp"
#include "core/cost.hpp"
#include "dispatch/dispatcher.hpp"
#include "dispatch/reconciler.hpp"
#include "files/child_launcher.hpp"

namespace aircheck::apps {
namespace {

constexpr seconds kWait{10};  // for a message: SQS is paid by the request
constexpr seconds kFarewell{25};

std::vector<std::string> recorder_arguments(const AgentOptions& options) {
  std::vector<std::string> arguments{"recorder", "--config=/dev/null", "--table=" + options.table,
                                     "--bucket=" + options.bucket};
  if (!options.prefix.empty()) arguments.push_back("--prefix=" + options.prefix);
  if (!options.prices.empty()) arguments.push_back("--prices=" + options.prices);
  if (options.allow_any_host) arguments.emplace_back("--allow-any-host");
  for (const auto& more : {to_arguments(options.flags), to_arguments(options.recording)})
    arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

class Agent {
 public:
  static Result<std::unique_ptr<Agent>> open(const AgentOptions& options) {
    TRY(prices_from(options.prices));
    TRY(stream_options(options.recording));  // wrong ones are told now, not by the first recorder
    auto folder = TRY(DataFolder::open(options.data));
    auto self = std::unique_ptr<Agent>(new Agent(options, std::move(folder)));
    TRY(self->queue_.depth());  // a queue that is not there, or not for us, is told now, too
    return self;
  }

  void run(const EndSignals& signals) {
    {
      const std::jthread dispatch([this](std::stop_token stop) { dispatcher_->run(std::move(stop)); });
      const std::jthread reconcile([this](std::stop_token stop) { reconciler_->run(std::move(stop)); });
      log::info("taking jobs from {}, {} at once", options_.queue_url, options_.max_recordings);
      signals.wait();
      log::info("the agent ends; its recorders leave their jobs to others");
      waiting_.request_stop();
    }
    leave();
  }

 private:
  Agent(const AgentOptions& options, DataFolder folder)
      : options_(options),
        folder_(std::move(folder)),
        stores_(options.table, {.name = options.bucket,
                                .prefix = options.prefix,
                                .equal_parts = options.flags.equal_parts,
                                .path_style = options.flags.path_style}),
        queue_(stores_.client, {.queue_url = options.queue_url,
                                .dead_letter_url = options.dead_letter_url,
                                .wait = kWait,
                                .stop = waiting_.get_token()}),
        launcher_({.arguments = recorder_arguments(options),
                   .environment = {"AIRCHECK_DATA=", "AIRCHECK_STORE="},  // ours, or a server's
                   .data = folder_.path()}),
        exists_(http_options(options.recording)) {
    dispatch::DispatcherOptions limits;
    limits.max_concurrent = options.max_recordings;
    limits.running = [this] { return launcher_.running(); };
    dispatcher_.emplace(
        dispatch::Dispatcher::Ports{stores_.jobs, queue_, launcher_, stores_.clock, &exists_, &stores_.recordings},
        std::move(limits));
    reconciler_.emplace(
        dispatch::Reconciler::Ports{stores_.jobs, queue_, launcher_, stores_.clock, &stores_.recordings, {}},
        dispatch::ReconcilerOptions{.poll = options.reconcile_every});
  }

  // What they do not manage to put down in time is found in the bucket and fetched again by the next recorder.
  void leave() {
    launcher_.dismiss();
    const auto end = std::chrono::steady_clock::now() + kFarewell;
    while (launcher_.running() > 0 && std::chrono::steady_clock::now() < end)
      std::this_thread::sleep_for(milliseconds{50});
  }

  const AgentOptions& options_;
  DataFolder folder_;
  std::stop_source waiting_;
  cloud::Stores stores_;
  aws::SqsQueue queue_;
  files::ChildLauncher launcher_;
  OembedCheck exists_;
  std::optional<dispatch::Dispatcher> dispatcher_;
  std::optional<dispatch::Reconciler> reconciler_;
};

}  // namespace

int run_agent(const AgentOptions& options) {
  const EndSignals signals;
  auto agent = Agent::open(options);
  if (!agent) return complain(agent.error());
  (*agent)->run(signals);
  return 0;
}

}  // namespace aircheck::apps
