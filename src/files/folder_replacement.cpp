#include "files/folder_replacement.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "base/uuid.hpp"

namespace aircheck::files {
namespace {

struct stat look_at(const Descriptor& folder, const std::string& name) {
  struct stat info{};
  if (::fstatat(folder.number(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) info.st_ino = 0;
  return info;
}

// The lock is of the file, not of its name: whoever had it before may have given the file another name meanwhile.
Result<Descriptor> open_locked(const Descriptor& folder, const std::string& name) {
  for (;;) {
    auto file = TRY(open_at(folder, name, O_RDWR | O_CREAT));
    if (::flock(file.number(), LOCK_EX | LOCK_NB) != 0)
      return fail(ErrorKind::conflict, "the recording is being repaired by somebody else already");
    struct stat info{};
    if (::fstat(file.number(), &info) != 0) return std::unexpected(system_error("cannot look at", name));
    if (info.st_ino == look_at(folder, name).st_ino) return file;
  }
}

// What is being recorded on the same disk must not stand still while an old recording is copied.
Result<void> check_room(const Descriptor& folder, std::uint64_t size) {
  struct statvfs disk{};
  if (::fstatvfs(folder.number(), &disk) != 0) return {};
  const std::uint64_t free = disk.f_bavail * disk.f_frsize, wanted = size + size / 10;
  if (free >= wanted) return {};
  constexpr double kMega = 1e6;
  return fail(ErrorKind::disk_full,
              fmt::format("a recording is made anew beside the old file: that takes {:.1f} MB, and {:.1f} MB are free",
                          static_cast<double>(wanted) / kMega, static_cast<double>(free) / kMega));
}

}  // namespace

std::string replacement_name(const std::string& name) { return name + ".repair"; }

Result<std::unique_ptr<FolderReplacement>> FolderReplacement::begin(Descriptor folder, std::string name,
                                                                    std::size_t head_size) {
  const auto old = look_at(folder, name);
  if (!S_ISREG(old.st_mode)) return fail(ErrorKind::not_found, fmt::format("there is no file {}", name));
  const auto other = replacement_name(name);
  auto file = TRY(open_locked(folder, other));
  std::unique_ptr<FolderReplacement> self(new FolderReplacement(std::move(folder), std::move(name), std::move(file)));
  TRY(cut(self->file_, 0, other));
  TRY(check_room(self->folder_, static_cast<std::uint64_t>(old.st_size)));
  TRY(cut(self->file_, head_size, other));
  self->length_ = head_size;
  // Best effort: only root can make it the same owner's.
  static_cast<void>(!::fchown(self->file_.number(), old.st_uid, old.st_gid));
  static_cast<void>(::fchmod(self->file_.number(), old.st_mode & 0777));
  return self;
}

FolderReplacement::~FolderReplacement() {
  if (!committed_) ::unlinkat(folder_.number(), replacement_name(name_).c_str(), 0);
}

Result<void> FolderReplacement::append(std::span<const ByteView> pieces) {
  TRY(write_at(file_, pieces, length_, replacement_name(name_)));
  for (const auto piece : pieces) length_ += piece.size();
  return {};
}

Result<void> FolderReplacement::commit(ByteView head) {
  const auto other = replacement_name(name_);
  const ByteView front[] = {head};
  TRY(write_at(file_, front, 0, other));
  TRY(sync_all(file_, other));
  // Deleted by the user meanwhile: it shall not come back.
  if (!S_ISREG(look_at(folder_, name_).st_mode)) return fail(ErrorKind::not_found, fmt::format("{} is gone", name_));
  if (::renameat(folder_.number(), other.c_str(), folder_.number(), name_.c_str()) != 0)
    return std::unexpected(system_error("cannot put in place", name_));
  committed_ = true;
  return sync_all(folder_, name_);
}

Result<std::unique_ptr<FolderScratch>> FolderScratch::begin(const Descriptor& folder, const std::string& name) {
  auto file = TRY(open_at(folder, name, O_RDWR | O_CREAT | O_TRUNC));
  if (::unlinkat(folder.number(), name.c_str(), 0) != 0) return std::unexpected(system_error("cannot unlink", name));
  return std::unique_ptr<FolderScratch>(new FolderScratch(std::move(file), name));
}

Result<std::unique_ptr<ScratchFile>> temporary_file() {
  std::error_code error;
  const auto path = std::filesystem::temp_directory_path(error);
  if (error) return fail(ErrorKind::io, fmt::format("no folder for a temporary file: {}", error.message()));
  const Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return std::unexpected(system_error("cannot open the folder", path.string()));
  return FolderScratch::begin(folder, "aircheck-" + make_uuid7(system_now()));
}

Result<void> FolderScratch::append(std::span<const ByteView> pieces) {
  TRY(write_at(file_, pieces, length_, name_));
  for (const auto piece : pieces) length_ += piece.size();
  return {};
}

Result<void> FolderScratch::read(std::uint64_t offset, std::span<std::byte> out) {
  while (!out.empty()) {
    const auto count = ::pread(file_.number(), out.data(), out.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::unexpected(system_error("cannot read", name_));
    if (count == 0) return fail(ErrorKind::corrupt, fmt::format("{} ends too early", name_));
    offset += static_cast<std::uint64_t>(count);
    out = out.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

}  // namespace aircheck::files
