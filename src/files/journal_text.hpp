#pragma once
// The journal's text. It is only ever appended to, line by line; what begins with "=" is a line of the recorder, what begins
// with "#" is the store's own:
//
//   #aircheck-journal 1              the first line: format and version
//   #boot <id> <lines>               the kernel's boot id changed: only so many of the recorder's lines above count
//   #begin <index>                   file <index> is about to be created
//   #synced <length> <index> <lines> the disk has so many of the recorder's lines and the bytes they speak of: file <index>
//                                    up to <length>, and the files before it
//
// SIGKILL takes nothing from the page cache, so within one boot every whole line counts. After another boot only those
// count that were synced. Pure.

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace aircheck::files {

struct JournalText {
  std::vector<std::string> lines;  // the recorder's that count, oldest first
  std::set<int> begun;             // files that were or may have been created
  std::size_t good = 0;            // bytes of whole, well-formed lines; what follows is torn and to be cut off
  bool same_boot = false;
};

/// `corrupt` when this is no journal or one that was damaged where it had been synced; `unsupported` for a later version.
/// Empty or torn within the first line: no lines and good == 0.
Result<JournalText> parse_journal(std::string_view text, std::string_view boot_id);

/// The lines, each with its newline.
std::string journal_header();
std::string boot_line(std::string_view boot_id, std::size_t lines);
std::string begin_line(int index);
std::string synced_line(std::uint64_t length, int index, std::size_t lines);
std::string recorder_line(std::string_view line);

}  // namespace aircheck::files
