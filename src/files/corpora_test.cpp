// The fuzzer's corpus as plain tests.
#include "base/corpora_testing.hpp"
#include "files/journal_text.hpp"

namespace aircheck::files {
namespace {

TEST(Corpora, journals) {
  for_each_in("journal_text",
              [](std::string_view text, const std::string&) { return parse_journal(text, "this").has_value(); });
}

}  // namespace
}  // namespace aircheck::files
