#include "core/channel_feed.hpp"

#include <gtest/gtest.h>

namespace aircheck {
namespace {

// As YouTube's is, but for most of what we pass over.
constexpr auto kFeed = R"(<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:media="http://search.yahoo.com/mrss/" xmlns="http://www.w3.org/2005/Atom">
 <link rel="self" href="http://www.youtube.com/feeds/videos.xml?channel_id=UC0123456789abcdefghijkl"/>
 <id>yt:channel:0123456789abcdefghijkl</id>
 <yt:channelId>0123456789abcdefghijkl</yt:channelId>
 <title>News &amp; Weather</title>
 <author><name>News</name><uri>https://www.youtube.com/channel/UC0123456789abcdefghijkl</uri></author>
 <published>2011-03-01T08:02:11+00:00</published>
 <entry>
  <id>yt:video:old00000001</id>
  <yt:videoId>old00000001</yt:videoId>
  <title>Yesterday&#39;s &lt;news&gt;</title>
  <published>2026-11-22T08:00:00+00:00</published>
  <media:group><media:title>not this one</media:title><media:description>a > b, "c"</media:description></media:group>
 </entry>
 <entry>
  <yt:videoId>live0000001</yt:videoId>
  <title><![CDATA[On the <air> & more]]></title>
  <published>2026-11-23T08:00:00+00:00</published>
  <media:group><media:thumbnail url="https://i.ytimg.com/a?x>y" width="480"/></media:group>
 </entry>
</feed>
)";

TEST(ChannelFeed, has_the_newest_video_first) {
  const auto feed = parse_channel_feed(kFeed);
  ASSERT_TRUE(feed) << feed.error().message;
  EXPECT_EQ(feed->channel_name, "News & Weather");
  ASSERT_EQ(feed->entries.size(), 2U);
  EXPECT_EQ(feed->entries[0].video_id, "live0000001");
  EXPECT_EQ(feed->entries[0].title, "On the <air> & more");
  EXPECT_EQ(feed->entries[0].published_at, from_rfc3339("2026-11-23T08:00:00Z"));
  EXPECT_EQ(feed->entries[1].title, "Yesterday's <news>");
}

TEST(ChannelFeed, may_be_empty) {
  const auto feed = parse_channel_feed("<feed/>");
  ASSERT_TRUE(feed);
  EXPECT_TRUE(feed->entries.empty());
}

TEST(ChannelFeed, leaves_out_what_is_no_video) {
  const auto feed = parse_channel_feed(
      "<feed><entry><yt:videoId>--exec=id..</yt:videoId></entry><entry><title>none</title></entry>"
      "<entry><yt:videoId>../../../..</yt:videoId></entry><entry><yt:videoId>live0000001</yt:videoId></entry></feed>");
  ASSERT_TRUE(feed);
  ASSERT_EQ(feed->entries.size(), 1U);
}

TEST(ChannelFeed, shortens_and_disarms_titles) {
  const std::string title = "a\x1b[31m&#9;" + std::string(298, 'x') + "ä";
  const auto feed = parse_channel_feed("<feed><entry><yt:videoId>live0000001</yt:videoId><title>" + title +
                                       "</title></entry></feed>");
  ASSERT_TRUE(feed);
  EXPECT_EQ(feed->entries[0].title.substr(0, 8), "a [31m x");
  EXPECT_LE(feed->entries[0].title.size(), 300U);
}

std::string repeated(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

TEST(ChannelFeed, refuses_what_is_none) {
  for (const auto& text : {
           std::string{},
           std::string("nonsense"),
           std::string("<html><body>404</body></html>"),
           std::string("<feed>"),
           std::string("<feed><entry></feed></entry>"),
           std::string("<feed></feed><feed></feed>"),
           std::string("<feed"),
           std::string("<feed><title>a"),
           std::string("<feed>&nbsp;</feed>"),
           std::string("<feed>&#0;</feed>"),
           std::string("<feed>&#xD800;</feed>"),
           std::string("<feed>&</feed>"),
           std::string("<feed></feed>tail"),
           std::string("<><feed/>"),
           std::string("</feed>"),
           std::string("<feed><![CDATA[x</feed>"),
           std::string("<feed><!-- x</feed>"),
           std::string(R"(<!DOCTYPE f [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><feed><title>&b;</title></feed>)"),
           std::string(R"(<!DOCTYPE f [<!ENTITY x SYSTEM "file:///etc/passwd">]><feed><title>&x;</title></feed>)"),
           "<feed>" + repeated("<a>", 100) + repeated("</a>", 100) + "</feed>",
           "<feed>" + repeated("<entry/>", 101) + "</feed>",
       }) {
    const auto feed = parse_channel_feed(text);
    ASSERT_FALSE(feed) << text;
    EXPECT_EQ(feed.error().kind, ErrorKind::corrupt);
  }
}

TEST(LinkedChannelId, is_that_of_the_feed) {
  const std::string link =
      R"(<link rel="alternate" type="application/rss+xml" title="RSS" href="https://www.youtube.com/feeds/videos.xml?channel_id=)";
  EXPECT_EQ(linked_channel_id("<head>" + link + R"(UC0123456789abcdefghijkl">)"), "UC0123456789abcdefghijkl");
  EXPECT_FALSE(linked_channel_id("<head>" + link + R"(UC01234">)"));
  EXPECT_FALSE(linked_channel_id("<head>" + link));
  EXPECT_FALSE(linked_channel_id("<head>"));
}

}  // namespace
}  // namespace aircheck
