#pragma once
// Looks at the watched channels: the feed of each at an interval, and for each new video of the wanted title, whether it is
// a broadcast that is, or will be, on the air. Such a one gets a job, as if somebody had submitted it. Where a channel's feed
// cannot be read, and at the first look, its live page is asked too. What goes wrong is noted on the watch and keeps no other
// from being looked at. Several may share a store: whoever claims a channel looks at it. All ports are borrowed. step() is
// called by one thread at a time, run() and nudge() as in Worker.

#include <cstddef>
#include <functional>
#include <map>
#include <string>

#include "core/channel_feed.hpp"
#include "core/ports.hpp"
#include "core/retry.hpp"
#include "core/title_pattern.hpp"
#include "dispatch/worker.hpp"

namespace aircheck::dispatch {

/// What the player says of a video.
struct Broadcast {
  enum class State { live, upcoming, over };  // over: it has ended, or never was a broadcast

  State state = State::over;
  std::string video_id, title, channel, thumbnail_url;
};

/// What is known of channels and their videos at their origin. Each question blocks; `cancelled` when the program ends.
struct ChannelSource {
  virtual ~ChannelSource() = default;
  /// The id ("UC…") of the channel with that address.
  virtual Result<std::string> channel_id(const std::string& channel) = 0;
  /// The feed of its newest videos.
  virtual Result<ChannelFeed> feed(const std::string& channel_id) = 0;
  /// The broadcast at the address of a video or of a channel's live page; `not_live` when the page shows none. Expensive:
  /// some seconds of a processor.
  virtual Result<Broadcast> broadcast(const std::string& url) = 0;
};

struct WatcherOptions {
  milliseconds interval{60'000};                                // between two looks at a channel, a tenth more or less
  std::size_t questions = 5;                                    // most videos of one channel to ask about in one look
  Backoff trouble{.first = seconds{60}, .most = seconds{600}};  // added while a feed cannot be read
  Backoff unanswered{.first = seconds{120},
                     .most = seconds{3600}};  // until a video that told nothing is asked about again
  milliseconds poll{1'000};                   // how often run() looks whether one is due
  milliseconds budget{0};                     // no look, and no question, is begun so long after step(); 0: all are
  std::function<double()> chance{};           // in [0, 1); empty: 0.5
};

class Watcher {
 public:
  struct Ports {
    WatchStore& watches;
    JobQueue& queue;
    ChannelSource& channels;
    const Clock& clock;
    std::function<void()> on_queued{};  // a job was made: nudge the dispatcher
  };
  struct Step {
    std::size_t looked = 0, jobs = 0, troubled = 0;
  };

  Watcher(Ports ports, WatcherOptions options);

  /// Looks at all that are due, the longest due first. An error only when the store cannot be reached at all.
  Result<Step> step();
  /// Of the steps from now on.
  void set_budget(milliseconds budget) { options_.budget = budget; }
  /// step() again and again until stopped; errors are logged.
  void run(std::stop_token stop) { worker_.run(std::move(stop)); }
  void nudge() { worker_.nudge(); }

 private:
  struct Unanswered {
    int tries = 0;
    Instant again;
    Error error;
  };
  // What is remembered of a watch between two looks. Lost with the process: then it is found out anew.
  struct Rhythm {
    int failures = 0;  // of its feed, in a row
    std::map<std::string, Unanswered> unanswered;
  };
  class Look;

  bool run_step();
  std::vector<Watch> due(std::vector<Watch> watches) const;
  bool is_due(const Watch& watch) const;
  bool is_late() const;
  Result<void> look(const Watch& found, Step& step);
  Result<void> look_at(Watch& watch, Rhythm& rhythm, Step& step);
  Instant next_look() const;
  double chance() const { return options_.chance ? options_.chance() : 0.5; }

  Ports ports_;
  WatcherOptions options_;
  std::map<std::string, Rhythm> rhythms_;  // by the watch's id
  Instant began_{};                        // the present step
  Worker worker_;
};

}  // namespace aircheck::dispatch
