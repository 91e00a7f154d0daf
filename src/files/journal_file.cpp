#include "files/journal_file.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "files/journal_text.hpp"

namespace aircheck::files {
namespace {

bool is_same_file(const Descriptor& file, const Descriptor& folder, const std::string& name) {
  struct stat ours{}, named{};
  return ::fstat(file.number(), &ours) == 0 &&
         ::fstatat(folder.number(), name.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 && ours.st_ino == named.st_ino &&
         ours.st_dev == named.st_dev;
}

}  // namespace

Result<Descriptor> JournalFile::lock(const Descriptor& folder, const std::string& name, int flags) {
  for (;;) {
    auto file = TRY(open_at(folder, name, O_RDWR | flags));
    while (::flock(file.number(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EINTR) continue;
      if (errno == EWOULDBLOCK) return fail(ErrorKind::conflict, fmt::format("another recorder is writing {}", name));
      return std::unexpected(system_error("cannot lock", name));
    }
    // Its last holder may have removed it between our open and our lock.
    if (is_same_file(file, folder, name)) return file;
  }
}

Result<std::unique_ptr<JournalFile>> JournalFile::open(const Descriptor& folder, std::string name,
                                                       std::string_view boot_id) {
  auto file = TRY(lock(folder, name, O_CREAT | O_APPEND));
  std::unique_ptr<JournalFile> journal(new JournalFile(std::move(file), std::move(name)));
  TRY(journal->load(folder, boot_id));
  return journal;
}

Result<void> JournalFile::load(const Descriptor& folder, std::string_view boot_id) {
  const auto text = TRY(read_all(file_, name_));
  auto parsed = parse_journal(text, boot_id);
  if (!parsed) return wrap(parsed.error(), name_);
  if (parsed->good < text.size()) TRY(cut(file_, parsed->good, name_));
  length_ = parsed->good;
  lines_ = std::move(parsed->lines);
  line_count_ = lines_.size();
  begun_ = std::move(parsed->begun);
  if (parsed->same_boot) return {};
  TRY(append((length_ == 0 ? journal_header() : std::string{}) + boot_line(boot_id, line_count_)));
  TRY(sync_all(file_, name_));
  return sync_all(folder, name_);
}

// A line in one write, so that a reader finds it whole; where the disk takes only part of it, that part is cut off again.
Result<void> JournalFile::append(std::string_view text) {
  if (torn_) TRY(cut(file_, length_, name_));
  torn_ = true;
  ssize_t count = 0;
  do count = ::write(file_.number(), text.data(), text.size());
  while (count < 0 && errno == EINTR);
  if (count == static_cast<ssize_t>(text.size())) {
    length_ += text.size();
    torn_ = false;
    return {};
  }
  if (count >= 0) errno = ENOSPC;
  auto error = system_error("cannot write", name_);
  torn_ = !cut(file_, length_, name_);
  return std::unexpected(std::move(error));
}

Result<void> JournalFile::add(std::string_view line) {
  if (line.find('\n') != std::string_view::npos) return fail(ErrorKind::internal, "a journal's line holds a newline");
  const std::lock_guard guard(mutex_);
  TRY(append(recorder_line(line)));
  ++line_count_;
  return {};
}

std::size_t JournalFile::line_count() const {
  const std::lock_guard guard(mutex_);
  return line_count_;
}

Result<void> JournalFile::note_begin(int index) {
  const std::lock_guard guard(mutex_);
  if (begun_.contains(index)) return {};
  TRY(append(begin_line(index)));
  begun_.insert(index);
  return {};
}

Result<void> JournalFile::note_synced(std::uint64_t length, int index, std::size_t lines) {
  const std::lock_guard guard(mutex_);
  return append(synced_line(length, index, lines));
}

Result<void> JournalFile::sync() { return sync_data(file_, name_); }

}  // namespace aircheck::files
