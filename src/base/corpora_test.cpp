// The fuzzers' corpora as plain tests.
#include "base/corpora_testing.hpp"
#include "base/time.hpp"
#include "base/uri.hpp"

namespace aircheck {
namespace {

TEST(Corpora, addresses) {
  for_each_in("uri", [](std::string_view text, const std::string&) {
    return resolve_uri("https://user@host:1/a/b;c?d#e", text).has_value();
  });
}

TEST(Corpora, times) {
  for_each_in("time",
              [](std::string_view text, const std::string&) { return from_rfc3339(text) || parse_duration(text); });
}

}  // namespace
}  // namespace aircheck
