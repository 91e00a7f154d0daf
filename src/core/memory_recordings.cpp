#include <algorithm>
#include <set>

#include "core/memory.hpp"
#include "core/names.hpp"

namespace aircheck {

struct MemoryRecordings::State {
  std::map<std::string, Bytes, std::less<>> files;
  std::map<std::string, std::vector<std::string>, std::less<>> journals;
  std::set<std::string, std::less<>> being_written, being_replaced;
  std::size_t head_size = 0;
  std::optional<std::size_t> room;

  Result<void> append(Bytes& file, std::span<const ByteView> pieces) {
    std::size_t total = 0;
    for (const auto piece : pieces) total += piece.size();
    if (room && total > *room) return fail(ErrorKind::disk_full, "the disk is full");
    if (room) *room -= total;
    for (const auto piece : pieces) file.insert(file.end(), piece.begin(), piece.end());
    return {};
  }
};

namespace {

class MemoryScratch final : public ScratchFile {
 public:
  Result<void> append(std::span<const ByteView> pieces) override {
    for (const auto piece : pieces) bytes_.insert(bytes_.end(), piece.begin(), piece.end());
    return {};
  }
  std::uint64_t length() const override { return bytes_.size(); }
  Result<void> read(std::uint64_t offset, std::span<std::byte> out) override {
    if (offset > bytes_.size() || out.size() > bytes_.size() - offset)
      return fail(ErrorKind::corrupt, "the scratch file ends too early");
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
    return {};
  }

 private:
  Bytes bytes_;
};

}  // namespace

class MemoryRecordings::Replacement final : public RecordingReplacement {
 public:
  Replacement(std::shared_ptr<State> state, std::string key, std::size_t head_size)
      : state_(std::move(state)), key_(std::move(key)), bytes_(head_size) {
    state_->being_replaced.insert(key_);
  }
  ~Replacement() override { state_->being_replaced.erase(key_); }
  Replacement(const Replacement&) = delete;
  Replacement& operator=(const Replacement&) = delete;

  Result<void> append(std::span<const ByteView> pieces) override { return state_->append(bytes_, pieces); }
  std::uint64_t length() const override { return bytes_.size(); }
  Result<void> commit(ByteView head) override {
    if (!state_->files.contains(key_)) return fail(ErrorKind::not_found, "the recording is gone");
    std::ranges::copy(head, bytes_.begin());
    state_->files[key_] = bytes_;
    return {};
  }

 private:
  std::shared_ptr<State> state_;
  std::string key_;
  Bytes bytes_;
};

class MemoryRecordings::Writer final : public RecordingWriter {
 public:
  Writer(std::shared_ptr<State> state, std::string key) : state_(std::move(state)), key_(std::move(key)) {
    state_->being_written.insert(key_);
    const auto known = state_->journals.find(key_);
    if (known != state_->journals.end()) journal_ = known->second;
  }
  ~Writer() override { state_->being_written.erase(key_); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  const std::vector<std::string>& journal() const override { return journal_; }
  std::size_t head_size() const override { return state_->head_size; }

  Result<void> begin_file(int index, ByteView head) override {
    if (head.size() > head_size()) return fail(ErrorKind::internal, "a head that is too long for the store");
    file_ = &state_->files[recording_part_key(key_, index)];
    file_->assign(head.begin(), head.end());
    file_->resize(head_size());
    return {};
  }
  Result<void> reopen_file(int index, std::uint64_t length) override {
    const auto file = state_->files.find(recording_part_key(key_, index));
    if (file == state_->files.end()) return fail(ErrorKind::not_found, "the file that the journal speaks of is gone");
    if (file->second.size() < length) return fail(ErrorKind::corrupt, "the file is shorter than its journal says");
    file_ = &file->second;
    file_->resize(length);
    return {};
  }
  Result<void> append(std::span<const ByteView> pieces) override {
    if (!file_) return fail(ErrorKind::internal, "no file was begun");
    return state_->append(*file_, pieces);
  }
  std::uint64_t length() const override { return file_ ? file_->size() : 0; }
  Result<void> commit(std::string_view line) override {
    journal_.emplace_back(line);
    state_->journals[key_] = journal_;
    return {};
  }
  Result<void> finish_file(Bytes head) override {
    if (!file_) return fail(ErrorKind::internal, "no file was begun");
    if (head.size() > head_size()) return fail(ErrorKind::internal, "a head that is too long for the store");
    head.resize(head_size());
    std::ranges::copy(head, file_->begin());
    file_ = nullptr;
    return {};
  }
  Result<void> close() override {
    state_->journals.erase(key_);
    journal_.clear();
    return {};
  }

 private:
  std::shared_ptr<State> state_;
  std::string key_;
  std::vector<std::string> journal_;
  Bytes* file_ = nullptr;  // of state_->files, whose nodes stay where they are
};

MemoryRecordings::MemoryRecordings(std::size_t head_size) : state_(std::make_shared<State>()) {
  state_->head_size = head_size;
}
MemoryRecordings::~MemoryRecordings() = default;

void MemoryRecordings::limit_room(std::optional<std::size_t> room) { state_->room = room; }

Result<std::unique_ptr<RecordingWriter>> MemoryRecordings::open(std::string_view key) {
  if (!is_safe_key(key)) return fail(ErrorKind::invalid_input, "that is no name of a recording");
  if (state_->being_written.contains(key))
    return fail(ErrorKind::conflict, "another process is writing this recording");
  return std::make_unique<Writer>(state_, std::string(key));
}

Result<std::uint64_t> MemoryRecordings::size(std::string_view key) {
  const auto file = state_->files.find(key);
  if (file == state_->files.end()) return fail(ErrorKind::not_found, "there is no recording " + std::string(key));
  return file->second.size();
}

Result<std::size_t> MemoryRecordings::read(std::string_view key, std::uint64_t offset, std::span<std::byte> out) {
  const auto length = TRY(size(key));
  if (offset >= length) return 0;
  const auto count = std::min<std::size_t>(out.size(), length - offset);
  const auto& file = state_->files.find(key)->second;
  std::copy_n(file.begin() + static_cast<std::ptrdiff_t>(offset), count, out.begin());
  return count;
}

Result<void> MemoryRecordings::remove(std::string_view key) {
  if (!is_safe_key(key)) return fail(ErrorKind::invalid_input, "that is no name of a recording");
  for (int index = 0; state_->files.erase(recording_part_key(key, index)) > 0; ++index) {
  }
  state_->journals.erase(std::string(key));
  return {};
}

Result<std::unique_ptr<RecordingReplacement>> MemoryRecordings::replace(std::string_view key, std::size_t head_size) {
  if (const auto there = size(key); !there) return std::unexpected(there.error());
  if (state_->being_replaced.contains(key)) return fail(ErrorKind::conflict, "somebody else repairs this recording");
  return std::make_unique<Replacement>(state_, std::string(key), head_size);
}

Result<std::unique_ptr<ScratchFile>> MemoryRecordings::scratch(std::string_view key) {
  if (const auto there = size(key); !there) return std::unexpected(there.error());
  return std::make_unique<MemoryScratch>();
}

}  // namespace aircheck
