#include "core/stream_url.hpp"

#include <gtest/gtest.h>

#include "core/host.hpp"

namespace aircheck {
namespace {

constexpr UrlPolicy kStrict{};
constexpr UrlPolicy kOthers{.allow_other_hosts = true};
constexpr UrlPolicy kAll{.allow_other_hosts = true, .allow_private_hosts = true};
constexpr std::string_view kWatch = "https://www.youtube.com/watch?v=dQw4w9WgXcQ";

class VideoUrl : public testing::TestWithParam<std::string_view> {};

TEST_P(VideoUrl, becomes_the_watch_page) {
  const auto url = parse_stream_url(GetParam(), kStrict);
  ASSERT_TRUE(url) << url.error().message;
  EXPECT_EQ(url->url, kWatch);
  EXPECT_EQ(url->video_id, "dQw4w9WgXcQ");
  EXPECT_TRUE(url->youtube);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, VideoUrl,
    testing::Values("https://www.youtube.com/watch?v=dQw4w9WgXcQ", "http://youtube.com/watch?v=dQw4w9WgXcQ",
                    "https://m.youtube.com/watch?app=desktop&v=dQw4w9WgXcQ&t=42s#comments",
                    "https://music.youtube.com/watch?v=dQw4w9WgXcQ&list=RD", "https://youtu.be/dQw4w9WgXcQ?si=abc",
                    "https://www.youtube.com/live/dQw4w9WgXcQ?feature=share",
                    "https://www.youtube.com/shorts/dQw4w9WgXcQ", "https://www.youtube.com/embed/dQw4w9WgXcQ",
                    "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ", "https://www.youtube.com/v/dQw4w9WgXcQ",
                    "https://www.youtube.com/watch/dQw4w9WgXcQ", "www.youtube.com/watch?v=dQw4w9WgXcQ",
                    "youtu.be/dQw4w9WgXcQ", "youtube.com:443/watch?v=dQw4w9WgXcQ",
                    "HTTPS://WWW.YouTube.COM/watch?v=dQw4w9WgXcQ", "https://www.youtube.com./watch?v=dQw4w9WgXcQ",
                    "  https://youtu.be/dQw4w9WgXcQ  ", "https://www.youtube.com//watch?v=dQw4w9WgXcQ"));

struct LivePage {
  std::string_view given, normal;
};
class ChannelUrl : public testing::TestWithParam<LivePage> {};

TEST_P(ChannelUrl, becomes_the_live_page) {
  const auto url = parse_stream_url(GetParam().given, kStrict);
  ASSERT_TRUE(url) << url.error().message;
  EXPECT_EQ(url->url, GetParam().normal);
  EXPECT_EQ(url->video_id, "");
  EXPECT_TRUE(url->youtube);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, ChannelUrl,
    testing::Values(
        LivePage{"https://www.youtube.com/@NASA/live", "https://www.youtube.com/@NASA/live"},
        LivePage{"youtube.com/@NASA", "https://www.youtube.com/@NASA/live"},
        LivePage{"https://m.youtube.com/@some.name-1_x/streams", "https://www.youtube.com/@some.name-1_x/live"},
        LivePage{"https://www.youtube.com/@日本/live", "https://www.youtube.com/@%E6%97%A5%E6%9C%AC/live"},
        LivePage{"https://www.youtube.com/@%E6%97%A5/live", "https://www.youtube.com/@%E6%97%A5/live"},
        LivePage{"https://www.youtube.com/channel/UCLA_DiR1FfKNvjuUpBHmylQ/live",
                 "https://www.youtube.com/channel/UCLA_DiR1FfKNvjuUpBHmylQ/live"},
        LivePage{"https://www.youtube.com/embed/live_stream?channel=UCLA_DiR1FfKNvjuUpBHmylQ",
                 "https://www.youtube.com/channel/UCLA_DiR1FfKNvjuUpBHmylQ/live"},
        LivePage{"https://www.youtube.com/c/nasa/live", "https://www.youtube.com/c/nasa/live"},
        LivePage{"https://www.youtube.com/user/NASAtelevision", "https://www.youtube.com/user/NASAtelevision/live"}));

class HostileUrl : public testing::TestWithParam<std::string_view> {};

TEST_P(HostileUrl, is_refused_with_a_reason_under_every_policy) {
  for (const auto& policy : {kStrict, kOthers, kAll}) {
    const auto url = parse_stream_url(GetParam(), policy);
    ASSERT_FALSE(url) << url->url;
    EXPECT_EQ(url.error().kind, ErrorKind::invalid_input);
    EXPECT_FALSE(url.error().message.empty());
  }
}

INSTANTIATE_TEST_SUITE_P(
    Forms, HostileUrl,
    testing::Values(
        "", "   ", "--exec=rm -rf /", "--exec", "-", "file:///etc/passwd", "FILE:/etc/passwd", "javascript:alert(1)",
        "data:text/html,x", "ftp://youtube.com/watch?v=dQw4w9WgXcQ", "rtmp://host.example/live", "ytsearch:live",
        "https://user@www.youtube.com/watch?v=dQw4w9WgXcQ", "https://www.youtube.com@evil.example/watch?v=dQw4w9WgXcQ",
        "https://www.youtube.com\\@evil.example/", "https://user:secret@cdn.example/x.m3u8",
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ\n--exec", "https://www.youtube.com/\twatch?v=dQw4w9WgXcQ",
        std::string_view("https://youtu.be/dQw4w9WgXcQ\0x", 30), "https://www.youtube.com/watch?v=dQw4w9WgXcQ extra",
        "https://www.youtube.com/watch?v=short", "https://www.youtube.com/watch?v=dQw4w9WgXcQtoolong",
        "https://www.youtube.com/watch?v=..%2F..%2Fetc%2F", "https://www.youtube.com/watch?vv=dQw4w9WgXcQ",
        "https://www.youtube.com/watch", "https://www.youtube.com/", "https://www.youtube.com",
        "https://www.youtube.com:8080/watch?v=dQw4w9WgXcQ", "https://www.youtube.com:99999/watch?v=dQw4w9WgXcQ",
        "https://www.youtube.com/playlist?list=PL123", "https://www.youtube.com/results?search_query=live",
        "https://www.youtube.com/redirect?q=https://evil.example", "https://www.youtube.com/@/live",
        "https://www.youtube.com/@../live", "https://www.youtube.com/@a%2Fb/live",
        "https://www.youtube.com/@a%0Ab/live", "https://www.youtube.com/@NASA/videos",
        "https://www.youtube.com/channel/UCshort/live", "https://", "http:///x", "https://exa mple.com/",
        "https://ex%61mple.com/", "https://[::1/", "https://youtu.be/", "/etc/passwd", "//x"));

TEST(StreamUrl, the_longest_url_has_two_thousand_characters) {
  const std::string base = std::string(kWatch) + "&x=";
  EXPECT_TRUE(parse_stream_url(base + std::string(2'000 - base.size(), 'y'), kStrict));
  EXPECT_FALSE(parse_stream_url(base + std::string(2'001 - base.size(), 'y'), kStrict));
}

// What is stored is taken again by whoever records it.
TEST(StreamUrl, its_normal_form_is_its_own) {
  const auto host = "example.com/" + std::string(1'990 - 12, 'y');
  ASSERT_EQ(parse_stream_url(host, kOthers)->url.size(), 1'998u);
  EXPECT_FALSE(parse_stream_url(host + "yyy", kOthers)) << "2,001 characters with its scheme";
  for (const std::string_view text : {"HTTP://Example.COM../a#b", "example.com:0443/?x", "http://[2606:4700::1]:80"}) {
    const auto url = parse_stream_url(text, kOthers);
    ASSERT_TRUE(url) << text << url.error().message;
    const auto again = parse_stream_url(url->url, kOthers);
    ASSERT_TRUE(again) << url->url << again.error().message;
    EXPECT_EQ(again->url, url->url);
  }
}

TEST(StreamUrl, other_hosts_need_the_operators_word) {
  for (const std::string_view host : {"cdn.example.com", "youtube.com.evil.example", "notyoutube.com", "8.8.8.8"}) {
    const auto url = "https://" + std::string(host) + "/live.m3u8?a=1&b=2";
    const auto refused = parse_stream_url(url, kStrict);
    ASSERT_FALSE(refused) << host;
    EXPECT_NE(refused.error().message.find(host), std::string::npos) << refused.error().message;
    const auto taken = parse_stream_url(url, kOthers);
    ASSERT_TRUE(taken) << taken.error().message;
    EXPECT_EQ(taken->url, url);
    EXPECT_FALSE(taken->youtube);
  }
}

TEST(StreamUrl, other_hosts_are_normalised) {
  EXPECT_EQ(parse_stream_url("HTTP://CDN.Example.COM:8080/Live.m3u8?Q=a%20b#part", kOthers)->url,
            "http://cdn.example.com:8080/Live.m3u8?Q=a%20b");
  EXPECT_EQ(parse_stream_url("cdn.example.com", kOthers)->url, "https://cdn.example.com/");
  EXPECT_EQ(parse_stream_url("http://[2606:4700::1111]:81/x", kOthers)->url, "http://[2606:4700::1111]:81/x");
}

TEST(StreamUrl, a_word_is_no_host) {
  for (const std::string_view word : {"stream", "localhost", "jfKfPfyJRdk"}) {
    const auto taken = parse_stream_url(word, kAll);
    ASSERT_FALSE(taken) << word;
    EXPECT_NE(taken.error().message.find("is no URL"), std::string::npos) << taken.error().message;
  }
}

TEST(StreamUrl, private_hosts_need_the_operators_word_too) {
  for (const std::string_view host :
       {"localhost", "127.0.0.1", "[::1]", "nas.local", "10.1.2.3:8080", "169.254.169.254"}) {
    const auto url = "http://" + std::string(host) + "/live.m3u8";
    EXPECT_FALSE(parse_stream_url(url, kStrict)) << host;
    EXPECT_FALSE(parse_stream_url(url, kOthers)) << host;
    const auto taken = parse_stream_url(url, kAll);
    ASSERT_TRUE(taken) << host << ": " << taken.error().message;
    EXPECT_EQ(taken->url, url);
  }
  EXPECT_FALSE(parse_stream_url("http://127.0.0.1/x", {.allow_private_hosts = true}));
}

TEST(Host, inner_addresses_are_known_in_every_spelling) {
  for (const std::string_view host : {"127.0.0.1",
                                      "127.1",
                                      "0x7f000001",
                                      "2130706433",
                                      "0177.0.0.1",
                                      "0",
                                      "0.0.0.0",
                                      "10.0.0.1",
                                      "172.16.0.1",
                                      "172.31.255.255",
                                      "192.168.1.1",
                                      "169.254.1.1",
                                      "100.64.0.1",
                                      "224.0.0.1",
                                      "255.255.255.255",
                                      "198.18.0.1",
                                      "::",
                                      "::1",
                                      "fe80::1",
                                      "fc00::1",
                                      "fd12::1",
                                      "ff02::1",
                                      "::ffff:127.0.0.1",
                                      "::ffff:7f00:1",
                                      "64:ff9b::10.0.0.1",
                                      "2002:7f00:1::",
                                      "2001:db8::1",
                                      "::7f00:1",
                                      "1::2::3",
                                      "12345::",
                                      "2606:4700:::1",
                                      "localhost",
                                      "printer",
                                      "nas.local",
                                      "x.localhost",
                                      "db.internal",
                                      "router.lan",
                                      "host.home.arpa",
                                      "127.0.0.1.",
                                      "1.2.3.4.5",
                                      "999.1.1.1",
                                      "localhost."})
    EXPECT_TRUE(is_private_host(host)) << host;
}

TEST(Host, the_public_internet_is_let_through) {
  for (const std::string_view host : {"example.com", "8.8.8.8", "1.1", "172.32.0.1", "172.15.0.1", "192.169.0.1",
                                      "100.128.0.1", "2606:4700:4700::1111", "2a00:1450:4001:80b::200e",
                                      "::ffff:8.8.8.8", "local.example.com", "3com.com", "a.b.c.example"})
    EXPECT_FALSE(is_private_host(host)) << host;
}

}  // namespace
}  // namespace aircheck
