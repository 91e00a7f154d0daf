#include "core/watch.hpp"

#include <gtest/gtest.h>

#include "core/watch_json.hpp"
#include "core/watch_samples_testing.hpp"

namespace aircheck {
namespace {

TEST(ParseChannel, takes_every_form_of_a_channel) {
  const std::string id = "UC0123456789abcdefghijkl";
  for (const auto* text : {"@name", " @name", "youtube.com/@name", "https://www.youtube.com/@name/live",
                           "https://m.youtube.com/@name/streams", "https://www.youtube.com/@name?si=x"}) {
    const auto channel = parse_channel(text);
    ASSERT_TRUE(channel) << text << ": " << channel.error().message;
    EXPECT_EQ(channel->url, "https://www.youtube.com/@name");
    EXPECT_EQ(channel->id, "");
  }
  for (const auto& text : {id, "https://www.youtube.com/channel/" + id, "youtube.com/channel/" + id + "/live"}) {
    const auto channel = parse_channel(text);
    ASSERT_TRUE(channel) << text << ": " << channel.error().message;
    EXPECT_EQ(channel->url, "https://www.youtube.com/channel/" + id);
    EXPECT_EQ(channel->id, id);
  }
  EXPECT_EQ(parse_channel("youtube.com/c/Name")->url, "https://www.youtube.com/c/Name");
  EXPECT_EQ(parse_channel("@日本")->url, "https://www.youtube.com/@%E6%97%A5%E6%9C%AC");
}

TEST(ParseChannel, refuses_everything_else) {
  for (const auto* text : {"", "@", "name", "UC123", "https://www.youtube.com/watch?v=live0000001",
                           "https://youtu.be/live0000001", "https://example.com/@name", "@name/../watch", "@a b",
                           "--exec=id", "https://www.youtube.com/live/live0000001", "file:///@name"}) {
    const auto channel = parse_channel(text);
    ASSERT_FALSE(channel) << text;
    EXPECT_EQ(channel.error().kind, ErrorKind::invalid_input);
    EXPECT_FALSE(channel.error().message.empty());
  }
}

TEST(Watch, knows_its_addresses) {
  auto watch = test_watch(1);
  watch.channel_id = "";
  EXPECT_EQ(live_url(watch), watch.channel + "/live");
  watch.channel_id = "UC0123456789abcdefghijkl";
  EXPECT_EQ(live_url(watch), "https://www.youtube.com/channel/UC0123456789abcdefghijkl/live");
  EXPECT_EQ(feed_url(watch.channel_id), "https://www.youtube.com/feeds/videos.xml?channel_id=UC0123456789abcdefghijkl");
}

TEST(WatchJson, comes_back_as_it_was) {
  for (const auto& watch : {test_watch(1), full_watch(2)}) {
    const auto read = watch_from_json_text(to_json_text(watch));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, watch);
  }
}

TEST(WatchJson, refuses_what_is_none) {
  for (const auto* text : {"", "[]", "{", "1", R"({"id": 1})", R"({"created_at": "soon"})", R"({"last_seen": 3})",
                           R"({"from_start": "yes"})", "[[[[[[[[[[[[[["}) {
    const auto watch = watch_from_json_text(text);
    ASSERT_FALSE(watch) << text;
    EXPECT_EQ(watch.error().kind, ErrorKind::corrupt);
  }
}

}  // namespace
}  // namespace aircheck
