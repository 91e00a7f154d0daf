#pragma once
// File descriptors with an owner, and the system calls on them as Results. Errors name the file and say what to do about
// it by their kind: `disk_full` where there is no room, `not_found`, else `io`. No shared state.

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <utility>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace aircheck::files {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor();

  int number() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }

 private:
  int number_ = -1;
};

/// What errno says, as "<what> <name>: <reason>".
Error system_error(std::string_view what, std::string_view name);

/// Opens `name` in `folder` (a descriptor), never through a symbolic link.
Result<Descriptor> open_at(const Descriptor& folder, const std::string& name, int flags);
/// The folder that holds `key` below `root`, reached without a symbolic link; made, durably, where `create` says so.
Result<Descriptor> open_folder_of(const std::filesystem::path& root, std::string_view key, bool create);
/// The part of `key` after its last slash.
std::string file_name_of(std::string_view key);

/// Writes the pieces one after the other at offset `at`, all of them or an error; how much of them then stands is unknown.
Result<void> write_at(const Descriptor& file, std::span<const ByteView> pieces, std::uint64_t at,
                      std::string_view name);
Result<void> cut(const Descriptor& file, std::uint64_t length, std::string_view name);
/// Data, and the metadata that reading them back needs, are on the disk.
Result<void> sync_data(const Descriptor& file, std::string_view name);
Result<void> sync_all(const Descriptor& file_or_folder, std::string_view name);
Result<std::uint64_t> size_of(const Descriptor& file, std::string_view name);
/// The whole file; for small ones.
Result<std::string> read_all(const Descriptor& file, std::string_view name);

}  // namespace aircheck::files
