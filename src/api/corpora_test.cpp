// The fuzzer's corpus as plain tests.
#include "api/request_testing.hpp"
#include "base/corpora_testing.hpp"

namespace aircheck::api {
namespace {

TEST(Corpora, requests) {
  for_each_in("api", [](std::string_view text, const std::string&) { return answer_in_a_world(text).status < 400; });
}

}  // namespace
}  // namespace aircheck::api
