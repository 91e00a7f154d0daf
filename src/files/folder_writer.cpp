#include "files/folder_writer.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>

#include "base/log.hpp"
#include "core/names.hpp"
#include "files/put_aside.hpp"

namespace aircheck::files {
namespace {

constexpr std::size_t kHeadSize = 512 * 1024;

}  // namespace

FolderWriter::FolderWriter(Descriptor folder, std::string key, std::unique_ptr<JournalFile> journal, SyncOptions sync)
    : folder_(std::move(folder)), key_(std::move(key)), journal_(std::move(journal)), syncer_(*journal_, sync) {}

FolderWriter::~FolderWriter() {
  // A journal of nothing would make the next one believe that a recording is under way.
  if (!used_ && journal_->lines().empty()) ::unlinkat(folder_.number(), file_name_of(journal_key(key_)).c_str(), 0);
}

std::size_t FolderWriter::head_size() const { return kHeadSize; }

std::string FolderWriter::name_of(int index) const { return file_name_of(recording_part_key(key_, index)); }

void FolderWriter::use(std::shared_ptr<const Descriptor> file, int index, std::uint64_t length) {
  file_ = std::move(file);
  name_ = name_of(index);
  index_ = index;
  length_ = length;
  ragged_ = false;
  used_ = true;
  syncer_.set_file(file_, index, name_, length);
}

// All of the head's room is taken now, so that the final one finds it on a full disk too.
Result<void> FolderWriter::write_provisional_head(const Descriptor& file, ByteView head, std::string_view name) {
  if (::fallocate(file.number(), 0, 0, static_cast<off_t>(kHeadSize)) != 0) {
    if (errno != EOPNOTSUPP && errno != EINTR) return std::unexpected(system_error("no room for", name));
    TRY(cut(file, kHeadSize, name));
  }
  const ByteView begin[] = {head};
  return write_at(file, begin, 0, name);
}

Result<void> FolderWriter::begin_file(int index, ByteView head) {
  if (head.size() > kHeadSize) return fail(ErrorKind::internal, "a head that is too long");
  used_ = true;
  const auto name = name_of(index);
  if (!journal_->has_begun(index)) {
    // A file of that name that we did not begin belongs to somebody else.
    if (const auto other = TRY(put_aside(folder_, name)))
      log::warn("{} was there already and is kept as {}", name, *other);
    TRY(journal_->note_begin(index));
  }
  auto file = std::make_shared<Descriptor>(TRY(open_at(folder_, name, O_RDWR | O_CREAT | O_TRUNC)));
  TRY(write_provisional_head(*file, head, name));
  TRY(sync_all(folder_, name));
  use(std::move(file), index, kHeadSize);
  return {};
}

Result<void> FolderWriter::reopen_file(int index, std::uint64_t length) {
  const auto name = name_of(index);
  auto file = file_;
  if (!file || index != index_) {
    auto opened = open_at(folder_, name, O_RDWR);
    if (!opened && opened.error().kind == ErrorKind::not_found)
      return fail(ErrorKind::corrupt, fmt::format("{} is gone, but its journal is there", name));
    file = std::make_shared<Descriptor>(TRY(std::move(opened)));
  }
  const auto size = TRY(size_of(*file, name));
  if (size < length)
    return fail(ErrorKind::corrupt,
                fmt::format("{} has {} bytes, its journal speaks of {}; it is left as it is", name, size, length));
  TRY(cut(*file, length, name));
  use(std::move(file), index, length);
  return {};
}

Result<void> FolderWriter::append(std::span<const ByteView> pieces) {
  if (!file_) return fail(ErrorKind::internal, "no file is open to append to");
  if (ragged_) TRY(reopen_file(index_, length_));
  auto written = write_at(*file_, pieces, length_, name_);
  if (!written) {
    ragged_ = !cut(*file_, length_, name_);
    return written;
  }
  for (const auto piece : pieces) length_ += piece.size();
  return {};
}

Result<void> FolderWriter::commit(std::string_view line) {
  if (auto error = syncer_.take_error()) return std::unexpected(*std::move(error));
  used_ = true;
  TRY(journal_->add(line));
  syncer_.committed(length_);
  return {};
}

// Waits for the disk, for whoever hears that the file is finished may rely on it. As the syncer has kept up, that is what a
// few seconds of recording left behind, not the file's length.
Result<void> FolderWriter::finish_file(Bytes head) {
  if (!file_) return fail(ErrorKind::internal, "no file is open to be finished");
  if (head.size() > kHeadSize) return fail(ErrorKind::internal, "a head that is too long");
  head.resize(kHeadSize);
  if (ragged_) TRY(reopen_file(index_, length_));
  const ByteView pieces[] = {head};
  TRY(write_at(*file_, pieces, 0, name_));
  syncer_.committed(length_);
  return syncer_.sync();
}

Result<void> FolderWriter::close() {
  used_ = true;
  const auto name = file_name_of(journal_key(key_));
  if (::unlinkat(folder_.number(), name.c_str(), 0) != 0 && errno != ENOENT)
    return std::unexpected(system_error("cannot remove", name));
  return sync_all(folder_, name);
}

}  // namespace aircheck::files
