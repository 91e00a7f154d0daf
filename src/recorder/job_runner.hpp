#pragma once
// One job from lease to verdict: drives a Session for a job of the store, renews the lease with heartbeats, reports
// milestones, and obeys the user's wishes as the store brings them. A store that is slow holds up no capture: heartbeats are
// written beside the loop. One object per process; not thread-safe.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/ports.hpp"
#include "core/transitions.hpp"
#include "net/loop.hpp"
#include "recorder/errand.hpp"
#include "recorder/session.hpp"

namespace aircheck::recorder {

struct JobRunnerOptions {
  std::string job_id;
  std::string owner;  // the token under which the job was claimed
  milliseconds heartbeat{10'000};
  milliseconds lease{60'000};
  capture::StreamOptions stream;                   // url, direct and quality come from the job
  std::function<Cost(std::uint64_t stored)> cost;  // of this recorder so far; from any thread. Empty: it costs nothing
  std::function<void(const Job&)> on_heartbeat;    // was written
  std::function<void(const Job&)> on_end;          // was noted: what became of the job
  std::string chat_folder;  // of the recordings' keys, absolute: where live chat goes; empty: nobody wants it
  std::optional<ChatStore> chat_store;  // where it goes from there
  bool refill = true;                   // when the recording has ended, what is missing is asked for once more
  bool allow_direct = false;  // the operator allows other hosts: a URL that ends in .m3u8 is taken as a playlist
};

class JobRunner {
 public:
  JobRunner(net::Loop& loop, JobStore& jobs, RecordingStore& recordings, const Clock& clock, JobRunnerOptions options);
  ~JobRunner();

  /// Runs the loop until the job has ended and what was missing has been asked for once more, waits for its time, was left,
  /// or belongs to somebody else. The exit status of the recorder process: 0 unless it failed.
  int run();
  /// SIGTERM: commits, gives up the lease and makes run() return.
  void leave();
  /// SIGUSR1: looks at the job now.
  void nudge() { beat(); }

 private:
  bool begin();
  bool begin_with(const Job& job);
  Result<std::unique_ptr<RecordingWriter>> open_recording();
  void tick();
  void beat();
  Result<Job> report(const Progress& progress);
  void reported(const Progress& progress);
  void let_go();
  void obey(const Job& job);
  void describe(Job& job, const Progress& progress) const;
  void finished(Outcome outcome);
  void settle();
  Result<void> settle_once();
  Result<Job> settled(Job job) const;
  Result<void> discard();
  capture::StreamOptions stream_of(const Job& job) const;
  void refill();
  void stop_running(int status);

  net::Loop& loop_;
  JobStore& jobs_;
  RecordingStore& recordings_;
  const Clock& clock_;
  JobRunnerOptions options_;
  std::string key_;
  Cost cost_before_;  // of the recorders before
  std::unique_ptr<RecordingWriter> writer_;
  std::unique_ptr<Session> session_;
  std::optional<Progress> last_;  // when the session was over
  std::optional<Outcome> outcome_;
  std::optional<Result<Job>> report_;  // of the heartbeat that was just written
  bool cancelling_ = false;
  bool lost_ = false;        // the job belongs to somebody else by now
  bool leaving_ = false;     // asked to, before there was a session
  bool beat_again_ = false;  // asked for while a heartbeat was being written
  bool milestone_ = false;   // RECORDING has been reported
  bool noted_ = false;       // that the recording is complete: only its journal is left
  int settle_tries_ = 0;
  int status_ = 0;
  net::SteadyTime next_beat_{}, quiet_until_{};
  net::TimerId timer_{};
  Errand errand_;  // ends first: it works on what stands above
};

}  // namespace aircheck::recorder
