#include "aircheck/watch_view.hpp"

#include <gmock/gmock.h>

namespace aircheck::apps {
namespace {

using testing::HasSubstr;
using testing::Not;

const View kView{.width = 120, .now = Instant{seconds{1'000}}};

TEST(WatchTable, SaysThatThereAreNone) { EXPECT_EQ(watch_table({}, kView), "no channel is watched\n"); }

TEST(WatchTable, ShowsWhatIsKnown) {
  Watch watch{
      .id = "0190f3e2-7b1c-7a52-9f00-3c1d2e4f5a6b", .channel = "https://www.youtube.com/@name", .title = "news"};
  EXPECT_THAT(watch_table(std::span(&watch, 1), kView), HasSubstr("@name"));
  EXPECT_THAT(watch_table(std::span(&watch, 1), kView), HasSubstr("never"));
  watch.channel_name = "A \x1b[31mname";
  watch.last_checked_at = kView.now - seconds{30};
  watch.last_seen = SeenVideo{.video_id = "live0000001", .title = "On the air"};
  const auto table = watch_table(std::span(&watch, 1), kView);
  for (const auto* text : {"(@name)", "news", "30 s ago", "On the air"}) EXPECT_THAT(table, HasSubstr(text));
  EXPECT_THAT(table, Not(HasSubstr("\x1b")));
  watch.last_error = Error{ErrorKind::not_found, "the channel's feed: the server answered 404"};
  EXPECT_THAT(watch_table(std::span(&watch, 1), kView), HasSubstr("answered 404"));
}

}  // namespace
}  // namespace aircheck::apps
