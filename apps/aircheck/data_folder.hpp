#pragma once
// The folder in which a server keeps everything: aircheck.db (jobs and queue) and recordings/. One server at a time: the
// object holds its lock for as long as it lives. Recorders need none. Not thread-safe.

#include <filesystem>
#include <memory>
#include <string>

#include "base/result.hpp"

namespace aircheck::apps {

class DataFolder {
 public:
  /// Creates the folder where it is missing and takes its lock. `conflict` when another server holds it, `io` when the
  /// folder cannot be made or written.
  static Result<DataFolder> open(const std::filesystem::path& path);
  DataFolder(DataFolder&&) noexcept;
  DataFolder& operator=(DataFolder&&) = delete;
  ~DataFolder();

  const std::filesystem::path& path() const { return path_; }
  std::string database() const { return (path_ / "aircheck.db").string(); }

 private:
  DataFolder(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::filesystem::path path_;
  int lock_;
};

/// $XDG_DATA_HOME/aircheck, else ~/.local/share/aircheck.
std::string default_data_folder();

}  // namespace aircheck::apps
