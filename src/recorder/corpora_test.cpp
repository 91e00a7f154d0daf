// The fuzzer's corpus as plain tests.
#include "base/corpora_testing.hpp"
#include "recorder/journal.hpp"
#include "recorder/journal_testing.hpp"

namespace aircheck::recorder {
namespace {

TEST(Corpora, journals) {
  for_each_in("journal", [](std::string_view text, const std::string& name) {
    const auto state = read_journal(lines_of(text));
    EXPECT_EQ(state || name.starts_with("bad_"), true) << state.error().message;
    return state.has_value();
  });
}

}  // namespace
}  // namespace aircheck::recorder
