#include "files/journal_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aircheck::files {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string whole() {
  return journal_header() + boot_line("one", 0) + begin_line(0) + recorder_line("a") + recorder_line("#b") +
         synced_line(1000, 0, 2) + recorder_line("=c") + recorder_line("");
}

TEST(JournalText, all_lines_count_within_one_boot) {
  const auto journal = parse_journal(whole(), "one");
  ASSERT_TRUE(journal);
  EXPECT_THAT(journal->lines, ElementsAre("a", "#b", "=c", ""));
  EXPECT_THAT(journal->begun, ElementsAre(0));
  EXPECT_EQ(journal->good, whole().size());
  EXPECT_TRUE(journal->same_boot);
}

TEST(JournalText, only_synced_lines_count_after_another_boot) {
  for (const auto* boot : {"two", "", "unknown"}) {
    const auto journal = parse_journal(whole(), boot);
    ASSERT_TRUE(journal);
    EXPECT_THAT(journal->lines, ElementsAre("a", "#b")) << boot;
    EXPECT_FALSE(journal->same_boot);
  }
}

TEST(JournalText, an_unknown_boot_is_never_the_same) {
  const auto journal = parse_journal(journal_header() + boot_line("", 0) + recorder_line("a"), "");
  ASSERT_TRUE(journal);
  EXPECT_FALSE(journal->same_boot);
  EXPECT_THAT(journal->lines, IsEmpty());
}

TEST(JournalText, a_later_boot_goes_on_from_what_it_kept) {
  const auto second = whole() + boot_line("two", 2) + recorder_line("d");
  EXPECT_THAT(parse_journal(second, "two")->lines, ElementsAre("a", "#b", "d"));
  EXPECT_THAT(parse_journal(second, "three")->lines, ElementsAre("a", "#b"));
  EXPECT_THAT(parse_journal(second + synced_line(9, 0, 3), "three")->lines, ElementsAre("a", "#b", "d"));
}

TEST(JournalText, torn_anywhere_it_keeps_the_whole_lines) {
  const auto text = whole();
  for (std::size_t length = 0; length <= text.size(); ++length) {
    const auto prefix = std::string_view(text).substr(0, length);
    for (const auto* boot : {"one", "two"}) {
      const auto journal = parse_journal(prefix, boot);
      ASSERT_TRUE(journal) << length << ": " << journal.error().message;
      const auto header = journal_header().size();
      EXPECT_EQ(journal->good, length < header ? 0 : prefix.rfind('\n') + 1) << length;
      // The same as if the torn line had never been begun.
      EXPECT_EQ(journal->lines, parse_journal(prefix.substr(0, journal->good), boot)->lines) << length;
    }
  }
}

TEST(JournalText, rubbish_after_the_last_sync_is_forgiven_after_a_power_cut_only) {
  const auto rubbish = whole() + std::string(512, '\0') + "\n\n=x\n";
  const auto journal = parse_journal(rubbish, "two");
  ASSERT_TRUE(journal);
  EXPECT_THAT(journal->lines, ElementsAre("a", "#b"));
  EXPECT_EQ(journal->good, whole().size());
  EXPECT_EQ(parse_journal(rubbish, "one").error().kind, ErrorKind::corrupt);
  EXPECT_EQ(parse_journal(rubbish + synced_line(2000, 0, 4), "two").error().kind, ErrorKind::corrupt);
}

TEST(JournalText, counts_that_cannot_be_are_damage) {
  for (const auto& line :
       {synced_line(1, 0, 9), boot_line("x", 9), std::string("#synced 1 2\n"), std::string("#synced a b c\n"),
        std::string("#boot x\n"), std::string("#begin\n"), std::string("#begin 1x\n"), std::string("#what\n"),
        std::string("no tag\n"), std::string("\n")})
    EXPECT_EQ(parse_journal(whole() + line, "one").error().kind, ErrorKind::corrupt) << line;
}

TEST(JournalText, other_files_are_not_taken_for_journals) {
  EXPECT_EQ(parse_journal("# my notes\n", "one").error().kind, ErrorKind::corrupt);
  EXPECT_EQ(parse_journal("x", "one").error().kind, ErrorKind::corrupt);
  EXPECT_EQ(parse_journal("#aircheck-journal 2\n=a\n", "one").error().kind, ErrorKind::unsupported);
  EXPECT_TRUE(parse_journal("", "one"));
}

}  // namespace
}  // namespace aircheck::files
