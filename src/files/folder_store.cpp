#include "files/folder_store.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "core/names.hpp"
#include "files/folder_replacement.hpp"
#include "files/folder_writer.hpp"
#include "files/journal_file.hpp"
#include "files/put_aside.hpp"
#include "files/run_file.hpp"

namespace aircheck::files {
namespace {

namespace fs = std::filesystem;

Result<void> check(std::string_view key) {
  if (is_safe_key(key)) return {};
  return fail(ErrorKind::invalid_input, "this names no recording");
}

// Only what a recording can consist of is ever removed. Returns whether it was there.
Result<bool> remove_file(const Descriptor& folder, const std::string& name) {
  struct stat info{};
  if (::fstatat(folder.number(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG(info.st_mode))
    return fail(ErrorKind::invalid_input, fmt::format("{} is no regular file and is left alone", name));
  if (::unlinkat(folder.number(), name.c_str(), 0) == 0) return true;
  if (errno == ENOENT) return false;
  return std::unexpected(system_error("cannot remove", name));
}

// Fine where there is none.
Result<void> rename(const Descriptor& folder, const std::string& name, const std::string& other) {
  if (::renameat(folder.number(), name.c_str(), folder.number(), other.c_str()) == 0 || errno == ENOENT) return {};
  return std::unexpected(system_error("cannot put aside", name));
}

bool is_there(const Descriptor& folder, const std::string& name) {
  return ::faccessat(folder.number(), name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

Result<void> remove_files(const Descriptor& folder, std::string_view key) {
  const auto name_of = [&](int index) { return file_name_of(recording_part_key(key, index)); };
  int count = 0;
  while (is_there(folder, name_of(count))) ++count;
  // From the last to the first: interrupted, the rest is found by the next try.
  while (count-- > 0) {
    static_cast<void>(TRY(remove_file(folder, replacement_name(name_of(count)))));
    static_cast<void>(TRY(remove_file(folder, name_of(count))));
  }
  return {};
}

}  // namespace

FolderStore::FolderStore(fs::path root, std::string boot_id, SyncOptions sync)
    : root_(std::move(root)), boot_id_(boot_id.empty() ? running_boot_id() : std::move(boot_id)), sync_(sync) {}

Result<std::unique_ptr<RecordingWriter>> FolderStore::open(std::string_view key) {
  TRY(check(key));
  auto folder = TRY(open_folder_of(root_, key, true));
  auto journal = TRY(JournalFile::open(folder, file_name_of(journal_key(key)), boot_id_));
  // Begun by us, but nothing in it counts: it must not be taken for a recording.
  if (journal->lines().empty() && journal->has_begun(0)) static_cast<void>(TRY(remove_file(folder, file_name_of(key))));
  return std::make_unique<FolderWriter>(std::move(folder), std::string(key), std::move(journal), sync_);
}

Result<Descriptor> FolderStore::open_for_reading(std::string_view key) const {
  TRY(check(key));
  // Non-blocking, for what lies there may be a pipe that nobody writes to.
  return open_at(TRY(open_folder_of(root_, key, false)), file_name_of(key), O_RDONLY | O_NONBLOCK);
}

Result<std::uint64_t> FolderStore::size(std::string_view key) { return size_of(TRY(open_for_reading(key)), key); }

Result<std::size_t> FolderStore::read(std::string_view key, std::uint64_t offset, std::span<std::byte> out) {
  const auto file = TRY(open_for_reading(key));
  for (;;) {
    const auto count = ::pread(file.number(), out.data(), out.size(), static_cast<off_t>(offset));
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) return std::unexpected(system_error("cannot read", key));
  }
}

Result<void> FolderStore::remove(std::string_view key) {
  TRY(check(key));
  auto folder = open_folder_of(root_, key, false);
  if (!folder && folder.error().kind == ErrorKind::not_found) return {};
  if (!folder) return std::unexpected(folder.error());
  const auto name = file_name_of(journal_key(key));
  const auto journal = JournalFile::lock(*folder, name, 0);
  if (!journal && journal.error().kind != ErrorKind::not_found) return std::unexpected(journal.error());
  static_cast<void>(TRY(remove_file(*folder, file_name_of(live_chat_key(key)))));
  TRY(remove_files(*folder, key));
  static_cast<void>(
      TRY(remove_file(*folder, name)));  // last: as long as it is there, nobody takes the rest for a finished recording
  return sync_all(*folder, name);
}

Result<std::unique_ptr<RecordingReplacement>> FolderStore::replace(std::string_view key, std::size_t head_size) {
  TRY(check(key));
  auto folder = TRY(open_folder_of(root_, key, false));
  return FolderReplacement::begin(std::move(folder), file_name_of(key), head_size);
}

Result<std::unique_ptr<ScratchFile>> FolderStore::scratch(std::string_view key) {
  TRY(check(key));
  const auto folder = TRY(open_folder_of(root_, key, false));
  return FolderScratch::begin(folder, replacement_name(file_name_of(key)) + "-scratch");
}

Result<std::optional<std::string>> FolderStore::put_aside(std::string_view key) {
  TRY(check(key));
  const auto folder = TRY(open_folder_of(root_, key, false));
  const auto name = file_name_of(key), journal_name = file_name_of(journal_key(key));
  const auto journal = JournalFile::lock(folder, journal_name, 0);
  if (!journal && journal.error().kind != ErrorKind::not_found) return std::unexpected(journal.error());
  auto other = TRY(files::put_aside(folder, name));
  if (!other) return other;
  TRY(rename(folder, file_name_of(live_chat_key(key)), file_name_of(live_chat_key(*other))));
  TRY(rename(folder, journal_name, file_name_of(journal_key(*other))));
  TRY(sync_all(folder, name));
  return other;
}

}  // namespace aircheck::files
