#pragma once
// One recording in a folder (RecordingWriter): its files, grown by appending, and its journal. Holds the journal's lock as long
// as it lives. Not thread-safe, like every writer; owns the thread that syncs.

#include <memory>
#include <string>

#include "core/ports.hpp"
#include "files/journal_file.hpp"
#include "files/syncer.hpp"

namespace aircheck::files {

class FolderWriter final : public RecordingWriter {
 public:
  /// `folder` holds the recording `key`, whose journal is open.
  FolderWriter(Descriptor folder, std::string key, std::unique_ptr<JournalFile> journal, SyncOptions sync = {});
  ~FolderWriter() override;

  const std::vector<std::string>& journal() const override { return journal_->lines(); }
  std::size_t head_size() const override;
  Result<void> begin_file(int index, ByteView head) override;
  Result<void> reopen_file(int index, std::uint64_t length) override;
  Result<void> append(std::span<const ByteView> pieces) override;
  std::uint64_t length() const override { return length_; }
  Result<void> commit(std::string_view line) override;
  Result<void> finish_file(Bytes head) override;
  Result<void> close() override;

 private:
  std::string name_of(int index) const;
  Result<void> write_provisional_head(const Descriptor& file, ByteView head, std::string_view name);
  void use(std::shared_ptr<const Descriptor> file, int index, std::uint64_t length);

  Descriptor folder_;
  std::string key_;
  std::unique_ptr<JournalFile> journal_;
  std::shared_ptr<const Descriptor> file_;  // the present one
  std::string name_;                        // its
  int index_ = -1;
  std::uint64_t length_ = 0;
  bool ragged_ = false;  // what a failed append left behind length_ is still there
  bool used_ = false;    // something was begun, reopened or committed
  Syncer syncer_;        // last, so that it ends first
};

}  // namespace aircheck::files
