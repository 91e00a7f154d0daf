#include <algorithm>
#include <set>

#include "core/memory.hpp"
#include "core/names.hpp"

namespace aircheck {

struct MemoryRecordings::State {
  std::map<std::string, Bytes, std::less<>> files;
  std::map<std::string, std::vector<std::string>, std::less<>> journals;
  std::set<std::string, std::less<>> being_written;
  std::size_t head_size = 0;
  std::optional<std::size_t> room;
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
    if (head.size() != head_size()) return fail(ErrorKind::internal, "a head of another size than the store's");
    file_ = &state_->files[recording_part_key(key_, index)];
    file_->assign(head.begin(), head.end());
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
    std::size_t total = 0;
    for (const auto piece : pieces) total += piece.size();
    if (state_->room) {
      if (total > *state_->room) return fail(ErrorKind::disk_full, "the disk is full");
      *state_->room -= total;
    }
    for (const auto piece : pieces) file_->insert(file_->end(), piece.begin(), piece.end());
    return {};
  }
  std::uint64_t length() const override { return file_ ? file_->size() : 0; }
  Result<void> commit(std::string_view line) override {
    journal_.emplace_back(line);
    state_->journals[key_] = journal_;
    return {};
  }
  Result<void> finish_file(ByteView head) override {
    if (!file_) return fail(ErrorKind::internal, "no file was begun");
    if (head.size() != head_size()) return fail(ErrorKind::internal, "a head of another size than the store's");
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

}  // namespace aircheck
