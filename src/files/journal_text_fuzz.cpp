// Any bytes as a journal: refused, or lines that still count, and whole, when the torn end is cut off and a recorder goes on.
#include <cstdlib>

#include "base/bytes.hpp"
#include "files/journal_text.hpp"

namespace {

using namespace aircheck;
using namespace aircheck::files;

// As JournalFile takes it over.
std::string taken_over(std::string_view text, const JournalText& journal, std::string_view boot_id) {
  std::string out(text.substr(0, journal.good));
  if (journal.same_boot) return out;
  return out + (journal.good == 0 ? journal_header() : std::string{}) + boot_line(boot_id, journal.lines.size());
}

void check(std::string_view text, std::string_view boot_id) {
  const auto journal = parse_journal(text, boot_id);
  if (!journal) return;
  if (journal->good > text.size()) std::abort();
  const auto before = taken_over(text, *journal, boot_id);
  const auto again = parse_journal(before, boot_id);
  if (!again || again->lines != journal->lines || again->begun != journal->begun || again->good != before.size() ||
      !again->same_boot)
    std::abort();
  const auto later = parse_journal(
      before + begin_line(7) + recorder_line("later") + synced_line(1, 7, journal->lines.size() + 1), "another boot");
  if (!later || later->lines.size() != journal->lines.size() + 1 || later->lines.back() != "later" ||
      !later->begun.contains(7))
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = as_text(std::as_bytes(std::span(data, size)));
  check(text, "this");
  check(text, "that");
  return 0;
}
