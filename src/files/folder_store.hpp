#pragma once
// Recordings in a folder (RecordingStore). A recording is its files, perhaps the live chat, and, until it is closed, a journal
// beside the first one.
// Appended data is safe from SIGKILL at once; a thread of its own syncs it every few seconds and notes in the journal what
// has reached the disk, so that after a power cut no line is believed whose bytes may be missing. No symbolic link below the
// root is followed. FolderStore may be used from several threads; a writer belongs to one.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "core/ports.hpp"
#include "files/syncer.hpp"

namespace aircheck::files {

class FolderStore final : public RecordingStore {
 public:
  /// `root` is created when it is missing. `boot_id`: for tests; by default the running kernel's.
  explicit FolderStore(std::filesystem::path root, std::string boot_id = {}, SyncOptions sync = {});

  Result<std::unique_ptr<RecordingWriter>> open(std::string_view key) override;
  Result<std::uint64_t> size(std::string_view key) override;
  Result<std::size_t> read(std::string_view key, std::uint64_t offset, std::span<std::byte> out) override;
  /// `conflict` while a recorder is writing it.
  Result<void> remove(std::string_view key) override;
  Result<std::unique_ptr<RecordingReplacement>> replace(std::string_view key, std::size_t head_size) override;
  Result<std::unique_ptr<ScratchFile>> scratch(std::string_view key) override;
  /// Makes room for a new recording without losing the one that is there, finished or not: its file gets another name, which
  /// is returned, and its journal one that belongs to that. `conflict` while a recorder is writing it.
  Result<std::optional<std::string>> put_aside(std::string_view key);

 private:
  Result<Descriptor> open_for_reading(std::string_view key) const;

  std::filesystem::path root_;
  std::string boot_id_;
  SyncOptions sync_;
};

}  // namespace aircheck::files
