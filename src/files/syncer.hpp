#pragma once
// Brings a recording onto the disk from a thread of its own, so that the recorder never waits for it: data first, then the
// mark in the journal that says so. It syncs soon after the first commit, then every few seconds while there is something
// new, sooner when much is outstanding: that keeps short what is left for the end, however long the recording. Thread-safe;
// borrows the journal.

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/result.hpp"
#include "base/time.hpp"
#include "files/descriptor.hpp"
#include "files/journal_file.hpp"

namespace aircheck::files {

struct SyncOptions {
  milliseconds interval{5'000};
  std::uint64_t most_unsynced = 8 << 20;  // bytes; more than that are synced sooner
  milliseconds least_interval{1'000};     // but not more often than this
};

class Syncer {
 public:
  explicit Syncer(JournalFile& journal, SyncOptions options = {});
  /// Syncs what is left, for the machine may be about to go down.
  ~Syncer();

  /// What is committed from now on lies in this file, of which the first `length` bytes are no news.
  void set_file(std::shared_ptr<const Descriptor> file, int index, std::string name, std::uint64_t length);
  /// All data up to `length` of the present file, and the journal up to its present line, may be synced.
  void committed(std::uint64_t length);
  /// Syncs now. Returns when the disk has everything.
  Result<void> sync();
  /// An error of the thread that nobody has been told of yet.
  std::optional<Error> take_error();

 private:
  struct Work {
    std::shared_ptr<const Descriptor> file;
    int index = 0;
    std::string name;
    std::uint64_t length = 0;
    std::size_t lines = 0;
  };
  void run(const std::stop_token& stop);
  bool wait_until_due(const std::stop_token& stop);
  bool has_news() const { return work_.lines > synced_lines_; }
  bool is_urgent() const { return hurry_ || work_.length > synced_length_ + options_.most_unsynced; }
  Result<void> sync_once(bool even_without_news);
  Result<void> write_out(const Work& work, std::uint64_t from);

  JournalFile& journal_;
  const SyncOptions options_;
  std::mutex syncing_;  // held through a whole sync; taken before mutex_
  bool doubtful_ =
      false;          // the disk once refused: it may have dropped what it then calls clean, so no mark would be true
  std::mutex mutex_;  // guards what follows
  std::condition_variable_any changed_;
  bool listening_ = false;  // the thread wants to hear of changes
  Work work_;
  std::uint64_t synced_length_ = 0;  // of the present file
  std::size_t synced_lines_;
  bool hurry_ = true;  // nothing of ours is on the disk yet
  std::optional<Error> error_;
  std::jthread thread_;
};

}  // namespace aircheck::files
