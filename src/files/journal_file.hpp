#pragma once
// The journal beside a recording: a file that is locked while a recorder lives and appended to line by line. A line either
// stands whole or not at all. Thread-safe once it is open: the recorder adds lines while another thread notes what is synced.

#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "files/descriptor.hpp"

namespace aircheck::files {

class JournalFile {
 public:
  /// Opens `name` in `folder`, or begins it, durably. `conflict` while another process holds it.
  static Result<std::unique_ptr<JournalFile>> open(const Descriptor& folder, std::string name,
                                                   std::string_view boot_id);
  /// Locks it if it is there, without reading it; nothing when there is none.
  static Result<Descriptor> lock(const Descriptor& folder, const std::string& name, int flags);

  /// The recorder's lines that count, as found by open().
  const std::vector<std::string>& lines() const { return lines_; }
  bool has_begun(int index) const { return begun_.contains(index); }
  /// Adds a line of the recorder.
  Result<void> add(std::string_view line);
  /// How many lines of the recorder stand in it.
  std::size_t line_count() const;
  Result<void> note_begin(int index);
  /// Notes what the disk has of the data. That counts once the journal itself is synced.
  Result<void> note_synced(std::uint64_t length, int index, std::size_t lines);
  Result<void> sync();

 private:
  JournalFile(Descriptor file, std::string name) : file_(std::move(file)), name_(std::move(name)) {}
  Result<void> load(const Descriptor& folder, std::string_view boot_id);
  Result<void> append(std::string_view text);

  Descriptor file_;
  std::string name_;
  std::vector<std::string> lines_;
  std::set<int> begun_;       // touched by the recorder's thread only
  mutable std::mutex mutex_;  // guards what follows
  std::uint64_t length_ = 0;
  std::size_t line_count_ = 0;
  bool torn_ = false;  // part of a line may stand behind length_
};

}  // namespace aircheck::files
