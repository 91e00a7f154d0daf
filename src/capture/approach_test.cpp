#include "capture/approach.hpp"

#include <gmock/gmock.h>

namespace aircheck::capture {
namespace {

using testing::ElementsAre;

std::vector<std::string> all(Approaches approaches) {
  std::vector<std::string> out;
  do {
    out.push_back(in_words(approaches.current()));
  } while (approaches.advance());
  return out;
}

TEST(Approaches, try_other_clients) {
  EXPECT_THAT(all(Approaches(false, false)), ElementsAre("", "as tv", "as web_safari", "as ios"));
}

TEST(Approaches, try_without_cookies_at_last) {
  EXPECT_THAT(all(Approaches(true, false)),
              ElementsAre("", "as tv", "as web_safari", "without cookies", "as tv, without cookies",
                          "as web_safari, without cookies", "as ios, without cookies"));
}

TEST(Approaches, leave_a_client_that_the_user_has_named) {
  EXPECT_THAT(all(Approaches(false, true)), ElementsAre(""));
  EXPECT_THAT(all(Approaches(true, true)), ElementsAre("", "without cookies"));
}

TEST(Approaches, begin_anew_when_all_were_tried) {
  Approaches approaches(false, false);
  while (approaches.advance()) {
  }
  EXPECT_EQ(approaches.current(), Approach{});
  approaches.advance();
  approaches.restart();
  EXPECT_EQ(approaches.current(), Approach{});
}

}  // namespace
}  // namespace aircheck::capture
