#include "files/syncer.hpp"

#include <fcntl.h>

#include <algorithm>
#include <utility>

namespace aircheck::files {

Syncer::Syncer(JournalFile& journal, SyncOptions options)
    : journal_(journal),
      options_(options),
      synced_lines_(journal.line_count()),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

Syncer::~Syncer() {
  thread_.request_stop();
  thread_.join();
  (void)sync_once(false);  // there is nobody left to tell
}

void Syncer::set_file(std::shared_ptr<const Descriptor> file, int index, std::string name, std::uint64_t length) {
  const std::scoped_lock guard(syncing_, mutex_);
  work_ = {std::move(file), index, std::move(name), length, work_.lines};
  synced_length_ = length;
}

void Syncer::committed(std::uint64_t length) {
  const auto lines = journal_.line_count();
  const std::lock_guard guard(mutex_);
  const bool first = !has_news();
  work_.length = length;
  work_.lines = lines;
  if (listening_ && (first || is_urgent())) changed_.notify_one();
}

// False when it is time to leave.
bool Syncer::wait_until_due(const std::stop_token& stop) {
  using Time = std::chrono::steady_clock;
  std::unique_lock lock(mutex_);
  listening_ = true;
  if (!changed_.wait(lock, stop, [this] { return has_news(); })) return false;
  if (!hurry_) {
    const auto begin = Time::now();
    listening_ = false;
    changed_.wait_until(lock, stop, begin + options_.least_interval, [] { return false; });
    listening_ = true;
    changed_.wait_until(lock, stop, begin + options_.interval, [this] { return is_urgent(); });
  }
  listening_ = false;
  return !stop.stop_requested();
}

void Syncer::run(const std::stop_token& stop) {
  while (wait_until_due(stop)) {
    auto synced = sync_once(false);
    if (synced) continue;
    const std::scoped_lock guard(syncing_, mutex_);
    // A journal without room for the mark is no news: the next commit will find that out, and the next sync tries again.
    if (doubtful_) error_ = std::move(synced).error();
  }
}

Result<void> Syncer::sync() { return sync_once(true); }

Result<void> Syncer::sync_once(bool even_without_news) {
  const std::lock_guard one_at_a_time(syncing_);
  Work work;
  std::uint64_t from = 0;
  {
    const std::lock_guard guard(mutex_);
    if (!has_news() && !even_without_news) return {};
    work = work_;
    from = synced_length_;
    hurry_ = false;
  }
  TRY(write_out(work, from));
  const std::lock_guard guard(mutex_);
  synced_length_ = work.length;
  synced_lines_ = std::max(synced_lines_, work.lines);
  return {};
}

Result<void> Syncer::write_out(const Work& work, std::uint64_t from) {
  auto synced = work.file ? sync_data(*work.file, work.name) : Result<void>{};
  if (synced && !doubtful_) {
    TRY(journal_.note_synced(work.length, work.index, work.lines));
    synced = journal_.sync();
  }
  if (!synced) doubtful_ = true;
  // Nobody reads most of a recording soon: leave the page cache to those who need it. Not while catching up, where dropping
  // pages would be a twentieth of all work (measured); the kernel then finds them itself.
  const auto news = work.length - std::min(from, work.length);
  if (work.file && news > 0 && news <= 4 * options_.most_unsynced)
    ::posix_fadvise(work.file->number(), static_cast<off_t>(from), static_cast<off_t>(news), POSIX_FADV_DONTNEED);
  return synced;
}

std::optional<Error> Syncer::take_error() {
  const std::lock_guard guard(mutex_);
  return std::exchange(error_, {});
}

}  // namespace aircheck::files
