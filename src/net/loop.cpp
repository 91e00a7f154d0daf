#include "net/loop.hpp"

#include <poll.h>

#include <algorithm>
#include <map>
#include <optional>
#include <stdexcept>
#include <thread>
#include <unordered_map>

#include "net/transfer.hpp"

namespace aircheck::net {
namespace {

struct MultiDeleter {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

constexpr std::size_t kKeptHandles = 4;
// Less than this at a waking is left to gather for a moment: to wake costs more than to read.
constexpr std::uint64_t kDribble = 256 * 1024;  // bytes
constexpr milliseconds kGather{1};

}  // namespace

struct Loop::State {
  struct Pending {
    Transfer transfer;
    Done done;
  };
  struct Timer {
    TimerId id;
    std::function<void()> fire;
  };

  HttpOptions options;
  std::unique_ptr<CURLM, MultiDeleter> multi;
  std::map<FetchId, std::unique_ptr<Pending>> fetches;
  std::unordered_map<CURL*, FetchId> by_handle;
  std::vector<Easy> idle_handles;
  BufferPool buffers;
  Traffic traffic;
  std::multimap<SteadyTime, Timer> timers;
  std::map<int, std::function<void()>> watchers;
  std::uint64_t last_id = 0;
  int unanswered = 0;
  bool stopped = false;

  explicit State(HttpOptions o) : options(std::move(o)), multi((initialise_curl(), curl_multi_init())) {
    if (!multi) throw std::runtime_error("curl_multi_init failed");
    curl_multi_setopt(multi.get(), CURLMOPT_MAXCONNECTS, 8L);
  }
  ~State() {
    for (auto& [id, pending] : fetches) curl_multi_remove_handle(multi.get(), pending->transfer.easy());
  }

  Easy take_handle() {
    if (idle_handles.empty()) return Easy(curl_easy_init());
    auto easy = std::move(idle_handles.back());
    idle_handles.pop_back();
    return easy;
  }

  std::unique_ptr<Pending> detach(FetchId id) {
    const auto found = fetches.find(id);
    if (found == fetches.end()) return nullptr;
    auto pending = std::move(found->second);
    fetches.erase(found);
    by_handle.erase(pending->transfer.easy());
    curl_multi_remove_handle(multi.get(), pending->transfer.easy());
    return pending;
  }

  void keep_handle(Pending& pending) {
    auto easy = pending.transfer.release();
    if (idle_handles.size() < kKeptHandles) idle_handles.push_back(std::move(easy));
  }

  milliseconds until_next_timer(milliseconds longest) const {
    if (timers.empty()) return longest;
    const auto wait = std::chrono::ceil<milliseconds>(timers.begin()->first - Loop::now());
    return std::clamp(wait, milliseconds{0}, longest);
  }

  // On as long as bytes move, without asking the kernel in between: curl takes one TLS record, or sends one buffer, at a time.
  void perform() {
    Traffic before;
    do {
      before = traffic;
      int running = 0;
      curl_multi_perform(multi.get(), &running);
    } while (traffic != before && !pending_messages());
  }

  void perform_gathered() {
    const auto before = traffic.received;
    perform();
    const auto came = traffic.received - before;
    if (came == 0 || came >= kDribble || pending_messages()) return;
    std::this_thread::sleep_for(kGather);
    perform();
  }

  void poll(milliseconds longest) {
    std::vector<curl_waitfd> descriptors;
    descriptors.reserve(watchers.size());
    for (const auto& [descriptor, ready] : watchers) descriptors.push_back({descriptor, CURL_WAIT_POLLIN, 0});
    perform();
    if (!pending_messages()) {
      curl_multi_poll(multi.get(), descriptors.data(), static_cast<unsigned>(descriptors.size()),
                      static_cast<int>(until_next_timer(longest).count()), nullptr);
      perform_gathered();
    }
    for (const auto& descriptor : descriptors) {
      if (!descriptor.revents) continue;
      const auto watcher = watchers.find(descriptor.fd);  // an earlier callback may have unwatched it
      if (watcher == watchers.end()) continue;
      const auto ready = watcher->second;
      ready();
    }
  }

  // curl keeps its messages until they are read; the first is remembered here for finish_transfers().
  std::optional<CURLMsg> first_message;
  bool pending_messages() {
    if (first_message) return true;
    int left = 0;
    if (const auto* message = curl_multi_info_read(multi.get(), &left)) first_message = *message;
    return first_message.has_value();
  }

  void finish_transfers() {
    while (pending_messages()) {
      const CURLMsg message = *std::exchange(first_message, std::nullopt);
      if (message.msg != CURLMSG_DONE) continue;
      const auto found = by_handle.find(message.easy_handle);
      if (found == by_handle.end()) continue;
      auto pending = detach(found->second);
      auto answer = pending->transfer.finish(message.data.result);
      unanswered = pending->transfer.was_answered() ? 0 : unanswered + 1;
      keep_handle(*pending);
      pending->done(std::move(answer));
    }
  }

  void fire_timers() {
    const auto now = Loop::now();
    // Timers set by callbacks for "now" wait for the next round, so that a loop of them cannot starve the transfers.
    std::vector<Timer> due;
    while (!timers.empty() && timers.begin()->first <= now) {
      due.push_back(std::move(timers.begin()->second));
      timers.erase(timers.begin());
    }
    firing = &due;
    for (auto& timer : due) {
      const auto fire = std::exchange(timer.fire, nullptr);
      if (fire) fire();
    }
    firing = nullptr;
  }
  std::vector<Timer>* firing = nullptr;
};

Loop::Loop(HttpOptions options) : state_(std::make_unique<State>(std::move(options))) {}
Loop::~Loop() = default;

FetchId Loop::fetch(HttpRequest request, Done done) {
  auto& s = *state_;
  const auto id = static_cast<FetchId>(++s.last_id);
  auto pending = std::unique_ptr<State::Pending>(
      new State::Pending{{s.take_handle(), std::move(request), s.options, s.buffers, s.traffic}, std::move(done)});
  CURL* const easy = pending->transfer.easy();
  s.by_handle[easy] = id;
  s.fetches[id] = std::move(pending);
  curl_multi_add_handle(s.multi.get(), easy);
  return id;
}

void Loop::cancel(FetchId id) {
  if (auto pending = state_->detach(id)) state_->keep_handle(*pending);
}

std::size_t Loop::in_flight() const { return state_->fetches.size(); }

void Loop::set_proxy(std::string proxy) {
  state_->options.proxy = std::move(proxy);
  state_->unanswered = 0;
}

int Loop::unanswered() const { return state_->unanswered; }

BufferPool& Loop::buffers() { return state_->buffers; }

TimerId Loop::after(milliseconds delay, std::function<void()> fire) {
  const auto id = static_cast<TimerId>(++state_->last_id);
  state_->timers.emplace(now() + delay, State::Timer{id, std::move(fire)});
  return id;
}

void Loop::cancel(TimerId id) {
  if (id == TimerId::none) return;
  auto& timers = state_->timers;
  const auto found =
      std::find_if(timers.begin(), timers.end(), [id](const auto& entry) { return entry.second.id == id; });
  if (found != timers.end()) timers.erase(found);
  if (!state_->firing) return;
  for (auto& timer : *state_->firing)
    if (timer.id == id) timer.fire = nullptr;
}

void Loop::watch(int descriptor, std::function<void()> ready) { state_->watchers[descriptor] = std::move(ready); }
void Loop::unwatch(int descriptor) { state_->watchers.erase(descriptor); }

void Loop::run_once(milliseconds longest) {
  state_->poll(longest);
  state_->finish_transfers();
  state_->fire_timers();
}

void Loop::run() {
  state_->stopped = false;
  while (!state_->stopped) run_once(milliseconds{60'000});
}

void Loop::stop() { state_->stopped = true; }
void Loop::wake() { curl_multi_wakeup(state_->multi.get()); }

}  // namespace aircheck::net
