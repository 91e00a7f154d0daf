#pragma once
// A recording's file made anew in its folder, and room for what is brought together for it. Until it is committed it is
// "<file>.repair", locked; one that a killed process left behind is begun again. Not thread-safe.

#include <memory>
#include <string>

#include "core/ports.hpp"
#include "files/descriptor.hpp"

namespace aircheck::files {

/// "<name>.repair"
std::string replacement_name(const std::string& name);

class FolderReplacement final : public RecordingReplacement {
 public:
  /// For the file `name` in `folder`; see RecordingStore::replace().
  static Result<std::unique_ptr<FolderReplacement>> begin(Descriptor folder, std::string name, std::size_t head_size);
  ~FolderReplacement() override;

  Result<void> append(std::span<const ByteView> pieces) override;
  std::uint64_t length() const override { return length_; }
  Result<void> commit(ByteView head) override;

 private:
  FolderReplacement(Descriptor folder, std::string name, Descriptor file)
      : folder_(std::move(folder)), name_(std::move(name)), file_(std::move(file)) {}

  Descriptor folder_;
  std::string name_;  // of the file that is replaced
  Descriptor file_;
  std::uint64_t length_ = 0;
  bool committed_ = false;
};

/// In TMPDIR, for recordings that are in no folder.
Result<std::unique_ptr<ScratchFile>> temporary_file();

/// Without a name: nothing of it is left behind, whatever happens.
class FolderScratch final : public ScratchFile {
 public:
  /// What is there by that name goes.
  static Result<std::unique_ptr<FolderScratch>> begin(const Descriptor& folder, const std::string& name);

  Result<void> append(std::span<const ByteView> pieces) override;
  std::uint64_t length() const override { return length_; }
  Result<void> read(std::uint64_t offset, std::span<std::byte> out) override;

 private:
  FolderScratch(Descriptor file, std::string name) : file_(std::move(file)), name_(std::move(name)) {}

  Descriptor file_;
  std::string name_;
  std::uint64_t length_ = 0;
};

}  // namespace aircheck::files
