#include "aws/temporary_file.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>

namespace aircheck::aws {
namespace {

std::unexpected<Error> failed(std::string_view what) {
  const auto kind = errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? ErrorKind::disk_full : ErrorKind::io;
  return fail(kind, fmt::format("cannot {} a temporary file: {}", what, std::strerror(errno)));
}

}  // namespace

Result<std::unique_ptr<TemporaryFile>> TemporaryFile::make() {
  std::error_code error;
  auto name = (std::filesystem::temp_directory_path(error) / "aircheck-XXXXXX").string();
  if (error) return fail(ErrorKind::io, fmt::format("no folder for a temporary file: {}", error.message()));
  const int descriptor = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor < 0) return failed("make");
  std::unique_ptr<TemporaryFile> self(new TemporaryFile(descriptor));
  if (::unlink(name.c_str()) != 0) return failed("unlink");
  return self;
}

TemporaryFile::~TemporaryFile() { ::close(descriptor_); }

Result<void> TemporaryFile::append(std::span<const ByteView> pieces) {
  for (auto piece : pieces) {
    while (!piece.empty()) {
      const auto count = ::pwrite(descriptor_, piece.data(), piece.size(), static_cast<off_t>(length_));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return failed("write");
      length_ += static_cast<std::uint64_t>(count);
      piece = piece.subspan(static_cast<std::size_t>(count));
    }
  }
  return {};
}

Result<void> TemporaryFile::read(std::uint64_t offset, std::span<std::byte> out) {
  while (!out.empty()) {
    const auto count = ::pread(descriptor_, out.data(), out.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("read");
    if (count == 0) return fail(ErrorKind::corrupt, "a temporary file ends too early");
    offset += static_cast<std::uint64_t>(count);
    out = out.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

}  // namespace aircheck::aws
