#pragma once
// Room for bytes in TMPDIR, in a file without a name: nothing of it is left behind, whatever happens. Not thread-safe.

#include <memory>

#include "core/ports.hpp"

namespace aircheck::aws {

class TemporaryFile final : public ScratchFile {
 public:
  static Result<std::unique_ptr<TemporaryFile>> make();
  ~TemporaryFile() override;
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  Result<void> append(std::span<const ByteView> pieces) override;
  std::uint64_t length() const override { return length_; }
  Result<void> read(std::uint64_t offset, std::span<std::byte> out) override;

 private:
  explicit TemporaryFile(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
  std::uint64_t length_ = 0;
};

}  // namespace aircheck::aws
