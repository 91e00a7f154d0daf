#include "files/descriptor.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <system_error>

namespace aircheck::files {
namespace {

namespace fs = std::filesystem;

ErrorKind kind_of(int code) {
  switch (code) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:  // a limit on the size of files: room, too
      return ErrorKind::disk_full;
    case ENOENT: return ErrorKind::not_found;
    default: return ErrorKind::io;
  }
}

// Pieces as the kernel takes them: at most IOV_MAX at a time, and the first may be half written already.
class Gather {
 public:
  explicit Gather(std::span<const ByteView> pieces) : pieces_(pieces) { skip_empty(); }

  bool done() const { return next_ == pieces_.size(); }
  std::span<const iovec> fill() {
    std::size_t count = 0;
    for (auto i = next_; i < pieces_.size() && count < vectors_.size(); ++i) {
      const auto rest = i == next_ ? pieces_[i].subspan(written_) : pieces_[i];
      vectors_[count++] = {const_cast<std::byte*>(rest.data()), rest.size()};
    }
    return {vectors_.data(), count};
  }
  void advance(std::size_t bytes) {
    written_ += bytes;
    skip_empty();
  }

 private:
  void skip_empty() {
    while (next_ < pieces_.size() && written_ >= pieces_[next_].size()) written_ -= pieces_[next_++].size();
  }

  std::span<const ByteView> pieces_;
  std::size_t next_ = 0;     // piece
  std::size_t written_ = 0;  // of it
  std::array<iovec, IOV_MAX> vectors_;
};

Result<Descriptor> enter(const Descriptor& folder, const std::string& name, bool create) {
  if (create) {
    if (::mkdirat(folder.number(), name.c_str(), 0755) == 0) {
      TRY(sync_all(folder, name));
    } else if (errno != EEXIST) {
      return std::unexpected(system_error("cannot make the folder", name));
    }
  }
  return open_at(folder, name, O_RDONLY | O_DIRECTORY);
}

}  // namespace

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

Error system_error(std::string_view what, std::string_view name) {
  const int code = errno;
  return {kind_of(code), fmt::format("{} {}: {}", what, name, std::generic_category().message(code))};
}

Result<Descriptor> open_at(const Descriptor& folder, const std::string& name, int flags) {
  Descriptor file(::openat(folder.number(), name.c_str(), flags | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (file) return file;
  if (errno == ELOOP || (errno == ENOTDIR && (flags & O_DIRECTORY)))
    return fail(ErrorKind::invalid_input, fmt::format("{} is a symbolic link or no folder; neither is followed", name));
  return std::unexpected(system_error("cannot open", name));
}

Result<Descriptor> open_folder_of(const fs::path& root, std::string_view key, bool create) {
  if (create) {
    std::error_code error;
    fs::create_directories(root, error);
    if (error)
      return fail(kind_of(error.value()), fmt::format("cannot make the folder {}: {}", root.string(), error.message()));
  }
  Descriptor folder(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return std::unexpected(system_error("cannot open the folder", root.string()));
  for (std::size_t begin = 0, end; (end = key.find('/', begin)) != std::string_view::npos; begin = end + 1)
    folder = TRY(enter(folder, std::string(key.substr(begin, end - begin)), create));
  return folder;
}

std::string file_name_of(std::string_view key) { return std::string(key.substr(key.rfind('/') + 1)); }

Result<void> write_at(const Descriptor& file, std::span<const ByteView> pieces, std::uint64_t at,
                      std::string_view name) {
  Gather gather(pieces);
  while (!gather.done()) {
    const auto vectors = gather.fill();
    const auto count =
        ::pwritev(file.number(), vectors.data(), static_cast<int>(vectors.size()), static_cast<off_t>(at));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::unexpected(system_error("cannot write", name));
    at += static_cast<std::uint64_t>(count);
    gather.advance(static_cast<std::size_t>(count));
  }
  return {};
}

Result<void> cut(const Descriptor& file, std::uint64_t length, std::string_view name) {
  if (::ftruncate(file.number(), static_cast<off_t>(length)) == 0) return {};
  return std::unexpected(system_error("cannot cut", name));
}

Result<void> sync_data(const Descriptor& file, std::string_view name) {
  if (::fdatasync(file.number()) == 0) return {};
  return std::unexpected(system_error("the disk does not take", name));
}

Result<void> sync_all(const Descriptor& file, std::string_view name) {
  // Some network file systems cannot sync a folder; they keep its entries in order by themselves.
  if (::fsync(file.number()) == 0 || errno == EINVAL) return {};
  return std::unexpected(system_error("the disk does not take", name));
}

Result<std::uint64_t> size_of(const Descriptor& file, std::string_view name) {
  struct stat info{};
  if (::fstat(file.number(), &info) != 0) return std::unexpected(system_error("cannot look at", name));
  if (!S_ISREG(info.st_mode)) return fail(ErrorKind::invalid_input, fmt::format("{} is no regular file", name));
  return static_cast<std::uint64_t>(info.st_size);
}

Result<std::string> read_all(const Descriptor& file, std::string_view name) {
  std::string text(TRY(size_of(file, name)), '\0');
  std::size_t at = 0;
  while (at < text.size()) {
    const auto count = ::pread(file.number(), text.data() + at, text.size() - at, static_cast<off_t>(at));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::unexpected(system_error("cannot read", name));
    if (count == 0) break;
    at += static_cast<std::size_t>(count);
  }
  text.resize(at);
  return text;
}

}  // namespace aircheck::files
