// The fuzzers' corpora as plain tests.
#include "base/corpora_testing.hpp"
#include "capture/fragment_url.hpp"
#include "capture/resolver.hpp"

namespace aircheck::capture {
namespace {

TEST(Corpora, what_yt_dlp_prints) {
  for_each_in("resolution_json",
              [](std::string_view text, const std::string&) { return parse_resolution(text).has_value(); });
}

TEST(Corpora, addresses_of_fragments) {
  for_each_in("fragment_url", [](std::string_view text, const std::string&) { return is_fragment_url(text); });
}

}  // namespace
}  // namespace aircheck::capture
