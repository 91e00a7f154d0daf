#include "files/folder_store.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "core/names.hpp"

namespace aircheck::files {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kHeadSize = 512 * 1024;

Error system_error(std::string_view what, const fs::path& path) {
  const auto kind = errno == ENOSPC || errno == EDQUOT ? ErrorKind::disk_full : errno == ENOENT ? ErrorKind::not_found : ErrorKind::io;
  return {kind, fmt::format("{} {}: {}", what, path.string(), std::strerror(errno))};
}

class FolderWriter final : public RecordingWriter {
 public:
  FolderWriter(fs::path root, std::string key) : root_(std::move(root)), key_(std::move(key)) {}
  ~FolderWriter() override {
    if (file_ >= 0) ::close(file_);
    if (journal_file_ >= 0) ::close(journal_file_);
  }
  Result<void> open() {
    const auto path = root_ / journal_key(key_);
    journal_file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_APPEND, 0644);
    if (journal_file_ < 0) return std::unexpected(system_error("cannot open", path));
    if (::flock(journal_file_, LOCK_EX | LOCK_NB) != 0) return fail(ErrorKind::conflict, "another recorder is writing this file");
    std::ifstream in(path);
    std::uint64_t good = 0;
    for (std::string line; std::getline(in, line);) {
      if (in.eof()) break;
      good += line.size() + 1;
      lines_.push_back(line);
    }
    if (::ftruncate(journal_file_, static_cast<off_t>(good)) != 0) return std::unexpected(system_error("cannot cut", path));
    return {};
  }
  const std::vector<std::string>& journal() const override { return lines_; }
  std::size_t head_size() const override { return kHeadSize; }
  Result<void> begin_file(int index, ByteView head) override {
    TRY(open_file(index, O_CREAT | O_TRUNC));
    length_ = 0;
    const ByteView piece[] = {head};
    return append(piece);
  }
  Result<void> reopen_file(int index, std::uint64_t length) override {
    TRY(open_file(index, 0));
    struct stat info {};
    ::fstat(file_, &info);
    if (static_cast<std::uint64_t>(info.st_size) < length) return fail(ErrorKind::corrupt, "the file is shorter than its journal says");
    if (::ftruncate(file_, static_cast<off_t>(length)) != 0) return std::unexpected(system_error("cannot cut", key_));
    length_ = length;
    return {};
  }
  Result<void> append(std::span<const ByteView> pieces) override {
    std::vector<iovec> vectors;
    for (const auto piece : pieces) vectors.push_back({const_cast<std::byte*>(piece.data()), piece.size()});
    auto at = length_;
    for (std::size_t i = 0; i < vectors.size();) {
      const auto count = ::pwritev(file_, &vectors[i], static_cast<int>(std::min<std::size_t>(vectors.size() - i, 1024)), static_cast<off_t>(at));
      if (count < 0) {
        if (errno == EINTR) continue;
        const auto error = system_error("cannot write", key_);
        if (::ftruncate(file_, static_cast<off_t>(length_)) != 0) return std::unexpected(error);
        return std::unexpected(error);
      }
      at += static_cast<std::uint64_t>(count);
      auto left = static_cast<std::size_t>(count);
      while (i < vectors.size() && left >= vectors[i].iov_len) left -= vectors[i++].iov_len;
      if (left > 0) {
        vectors[i].iov_base = static_cast<char*>(vectors[i].iov_base) + left;
        vectors[i].iov_len -= left;
      }
    }
    length_ = at;
    return {};
  }
  std::uint64_t length() const override { return length_; }
  Result<void> commit(std::string_view line) override {
    const auto text = std::string(line) + "\n";
    if (::write(journal_file_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) return std::unexpected(system_error("cannot write the journal of", key_));
    return {};
  }
  Result<void> finish_file(ByteView head) override {
    if (::pwrite(file_, head.data(), head.size(), 0) != static_cast<ssize_t>(head.size())) return std::unexpected(system_error("cannot write", key_));
    return {};
  }
  Result<void> close() override {
    ::unlink((root_ / journal_key(key_)).c_str());
    return {};
  }

 private:
  Result<void> open_file(int index, int flags) {
    const auto path = root_ / recording_part_key(key_, index);
    if (file_ >= 0) ::close(file_);
    file_ = ::open(path.c_str(), O_RDWR | O_CLOEXEC | flags, 0644);
    if (file_ < 0) return std::unexpected(system_error("cannot open", path));
    return {};
  }
  fs::path root_;
  std::string key_;
  std::vector<std::string> lines_;
  int journal_file_ = -1, file_ = -1;
  std::uint64_t length_ = 0;
};

}  // namespace

FolderStore::FolderStore(fs::path root, std::string boot_id) : root_(std::move(root)), boot_id_(std::move(boot_id)) {}

Result<fs::path> FolderStore::path_of(std::string_view key) const {
  if (!is_safe_key(key)) return fail(ErrorKind::invalid_input, "not a key");
  return root_ / key;
}

Result<std::unique_ptr<RecordingWriter>> FolderStore::open(std::string_view key) {
  const auto path = TRY(path_of(key));
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  auto writer = std::make_unique<FolderWriter>(root_, std::string(key));
  TRY(writer->open());
  return writer;
}

Result<std::uint64_t> FolderStore::size(std::string_view key) {
  struct stat info {};
  const auto path = TRY(path_of(key));
  if (::stat(path.c_str(), &info) != 0) return std::unexpected(system_error("cannot look at", path));
  return static_cast<std::uint64_t>(info.st_size);
}

Result<std::size_t> FolderStore::read(std::string_view key, std::uint64_t offset, std::span<std::byte> out) {
  const auto path = TRY(path_of(key));
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::unexpected(system_error("cannot open", path));
  const auto count = ::pread(file, out.data(), out.size(), static_cast<off_t>(offset));
  ::close(file);
  if (count < 0) return std::unexpected(system_error("cannot read", path));
  return static_cast<std::size_t>(count);
}

Result<void> FolderStore::remove(std::string_view key) {
  TRY(path_of(key));
  ::unlink((root_ / journal_key(key)).c_str());
  for (int i = 0; ::unlink((root_ / recording_part_key(key, i)).c_str()) == 0; ++i) {
  }
  return {};
}

}  // namespace aircheck::files
