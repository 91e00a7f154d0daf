#include "files/journal_text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace aircheck::files {
namespace {

constexpr std::string_view kName = "#aircheck-journal ";
constexpr std::string_view kVersion = "1";

// The blank-separated words after the first; fewer than asked for: nothing.
template <std::size_t Count>
std::optional<std::array<std::string_view, Count>> words(std::string_view line) {
  std::array<std::string_view, Count> out;
  for (auto& word : out) {
    const auto blank = line.find(' ');
    if (blank == std::string_view::npos) return {};
    line.remove_prefix(blank + 1);
    word = line.substr(0, line.find(' '));
  }
  return out;
}

template <class Number>
std::optional<Number> number(std::string_view word) {
  Number value{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc{} || end != word.data() + word.size()) return {};
  return value;
}

class Parser {
 public:
  // Takes one line in; false when it is not well-formed.
  bool take(std::string_view line) {
    if (line.starts_with('=')) {
      text.lines.emplace_back(line.substr(1));
      return true;
    }
    if (line.starts_with("#synced ")) return take_synced(line);
    if (line.starts_with("#boot ")) return take_boot(line);
    return line.starts_with("#begin ") && take_begin(line);
  }

  JournalText text;
  std::string_view boot;
  std::size_t synced = 0;  // lines

 private:
  bool take_synced(std::string_view line) {
    const auto fields = words<3>(line);
    const auto count = fields ? number<std::size_t>((*fields)[2]) : std::nullopt;
    if (!count || *count > text.lines.size()) return false;
    synced = *count;
    return true;
  }
  bool take_boot(std::string_view line) {
    const auto fields = words<2>(line);
    const auto count = fields ? number<std::size_t>((*fields)[1]) : std::nullopt;
    if (!count || *count > text.lines.size()) return false;
    boot = (*fields)[0];
    text.lines.resize(*count);
    synced = *count;
    return true;
  }
  bool take_begin(std::string_view line) {
    const auto fields = words<1>(line);
    const auto index = fields ? number<int>((*fields)[0]) : std::nullopt;
    if (index) text.begun.insert(*index);
    return index.has_value();
  }
};

Result<bool> check_header(std::string_view text) {
  const auto end = text.find('\n');
  const auto header = journal_header();
  if (end == std::string_view::npos && header.starts_with(text)) return false;
  if (text.starts_with(header)) return true;
  if (end != std::string_view::npos && text.starts_with(kName))
    return fail(ErrorKind::unsupported, "the journal was written by a later version of aircheck");
  return fail(ErrorKind::corrupt, "this is no journal of aircheck");
}

}  // namespace

Result<JournalText> parse_journal(std::string_view text, std::string_view boot_id) {
  if (!TRY(check_header(text))) return JournalText{};
  Parser parser;
  std::size_t at = journal_header().size();
  bool torn = false;
  for (std::size_t end; !torn && (end = text.find('\n', at)) != std::string_view::npos;) {
    torn = !parser.take(text.substr(at, end - at));
    if (!torn) at = end + 1;
  }
  auto& journal = parser.text;
  journal.good = at;
  journal.same_boot = !boot_id.empty() && parser.boot == boot_id;
  // After a power cut the unsynced tail may hold anything. Before a later sync nothing may be wrong.
  if (torn && (journal.same_boot || text.find("\n#synced ", at) != std::string_view::npos))
    return fail(ErrorKind::corrupt, fmt::format("the journal is damaged at byte {}", at));
  if (!journal.same_boot) journal.lines.resize(std::min(journal.lines.size(), parser.synced));
  return std::move(journal);
}

std::string journal_header() { return fmt::format("{}{}\n", kName, kVersion); }
std::string boot_line(std::string_view boot_id, std::size_t lines) {
  return fmt::format("#boot {} {}\n", boot_id.empty() ? "unknown" : boot_id, lines);
}
std::string begin_line(int index) { return fmt::format("#begin {}\n", index); }
std::string synced_line(std::uint64_t length, int index, std::size_t lines) {
  return fmt::format("#synced {} {} {}\n", length, index, lines);
}
std::string recorder_line(std::string_view line) { return fmt::format("={}\n", line); }

}  // namespace aircheck::files
