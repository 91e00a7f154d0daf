#include "media/playlist.hpp"

#include <fmt/core.h>
#include <gtest/gtest.h>

namespace aircheck::media {
namespace {

constexpr std::string_view kBase = "https://origin.example/live/index.m3u8?token=1";

MediaPlaylist media(std::string_view text) {
  auto playlist = parse_playlist(text, kBase);
  EXPECT_TRUE(playlist) << playlist.error().message;
  if (!playlist || !std::holds_alternative<MediaPlaylist>(*playlist)) return {};
  return std::get<MediaPlaylist>(std::move(*playlist));
}

MasterPlaylist master(std::string_view text) {
  auto playlist = parse_playlist(text, kBase);
  EXPECT_TRUE(playlist) << playlist.error().message;
  if (!playlist || !std::holds_alternative<MasterPlaylist>(*playlist)) return {};
  return std::get<MasterPlaylist>(std::move(*playlist));
}

Error refusal(std::string_view text) {
  const auto playlist = parse_playlist(text, kBase);
  EXPECT_FALSE(playlist);
  return playlist ? Error{} : playlist.error();
}

TEST(MediaPlaylist, numbers_segments_and_resolves_their_addresses) {
  const auto playlist = media(
      "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:2680\n"
      "#EXTINF:5.96,first\nfileSequence2680.ts\n#EXTINF:6,\n/a/b.ts?x=1\n#EXTINF:4.000000001,\nhttp://cdn.example/"
      "c.ts\n");
  EXPECT_EQ(playlist.target_duration, seconds{6});
  EXPECT_EQ(playlist.media_sequence, 2680u);
  EXPECT_EQ(playlist.type, MediaPlaylist::Type::live);
  EXPECT_FALSE(playlist.ended);
  ASSERT_EQ(playlist.segments.size(), 3u);
  EXPECT_EQ(playlist.segments[0].sequence, 2680u);
  EXPECT_EQ(playlist.segments[2].sequence, 2682u);
  EXPECT_EQ(playlist.segments[0].uri, "https://origin.example/live/fileSequence2680.ts");
  EXPECT_EQ(playlist.segments[1].uri, "https://origin.example/a/b.ts?x=1");
  EXPECT_EQ(playlist.segments[2].uri, "http://cdn.example/c.ts");
  EXPECT_EQ(playlist.segments[0].duration, milliseconds{5960});
  EXPECT_EQ(playlist.segments[2].duration, seconds{4} + nanoseconds{1});
}

TEST(MediaPlaylist, gives_only_the_segments_that_are_wanted) {
  constexpr std::string_view text =
      "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:10\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n"
      "#EXTINF:2,\na\n#EXT-X-DISCONTINUITY\n#EXTINF:2,\nb\n#EXTINF:2,\nc\n#EXTINF:3,\nd\n#EXT-X-DISCONTINUITY\n"
      "#EXTINF:2,\ne\n#EXT-X-ENDLIST\n";
  const auto part = std::get<MediaPlaylist>(*parse_playlist(text, kBase, {.from = 12, .most = 1}));
  ASSERT_EQ(part.segments.size(), 1u);
  EXPECT_EQ(part.segments[0].uri, "https://origin.example/live/c");
  EXPECT_EQ(part.segments[0].sequence, 12u);
  EXPECT_EQ(part.segments[0].discontinuity_sequence, 1u);
  EXPECT_EQ(part.segments[0].key->uri, "https://origin.example/live/k");
  EXPECT_EQ(part.media_sequence, 10u);
  EXPECT_EQ(part.end_sequence, 15u);
  EXPECT_TRUE(part.ended);
  EXPECT_TRUE(part.more);
  EXPECT_EQ(part.beyond, seconds{5});

  const auto none = std::get<MediaPlaylist>(*parse_playlist(text, kBase, {.from = 13, .most = 0}));
  EXPECT_TRUE(none.segments.empty());
  EXPECT_TRUE(none.more);
  const auto last = std::get<MediaPlaylist>(*parse_playlist(text, kBase, {.from = 14}));
  EXPECT_EQ(last.segments.at(0).discontinuity_sequence, 2u);
  EXPECT_FALSE(last.more);
  EXPECT_FALSE(std::get<MediaPlaylist>(*parse_playlist(text, kBase, {.from = 99})).more);
}

TEST(MediaPlaylist, a_number_behind_the_segments_allows_no_choice_among_them) {
  constexpr std::string_view text = "#EXTM3U\n#EXTINF:2,\na\n#EXTINF:2,\nb\n#EXT-X-MEDIA-SEQUENCE:7\n";
  EXPECT_EQ(media(text).segments.at(1).sequence, 8u);
  EXPECT_EQ(parse_playlist(text, kBase, {.most = 1}).error().kind, ErrorKind::corrupt);
}

TEST(MediaPlaylist, reads_carriage_returns_a_byte_order_mark_and_comments) {
  const auto playlist = media(
      "\xEF\xBB\xBF#EXTM3U\r\n# a "
      "comment\r\n#EXT-X-TARGETDURATION:2\r\n\r\n#EXTINF:2,\r\n#EXT-X-UNKNOWN:1\r\na.ts\r\n");
  ASSERT_EQ(playlist.segments.size(), 1u);
  EXPECT_EQ(playlist.segments[0].uri, "https://origin.example/live/a.ts");
}

TEST(MediaPlaylist, knows_types_and_the_end) {
  const auto vod = media("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXTINF:2,\na\n#EXT-X-ENDLIST");
  EXPECT_EQ(vod.type, MediaPlaylist::Type::vod);
  EXPECT_TRUE(vod.ended);
  const auto event =
      media("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-INDEPENDENT-SEGMENTS\n");
  EXPECT_EQ(event.type, MediaPlaylist::Type::event);
  EXPECT_TRUE(event.independent_segments);
  EXPECT_TRUE(event.segments.empty());
}

TEST(MediaPlaylist, counts_discontinuities_from_the_first_segments_number) {
  const auto playlist = media(
      "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\na\n#EXT-X-DISCONTINUITY\n#EXTINF:2,\nb\n#EXTINF:2,\nc\n"
      "#EXT-X-DISCONTINUITY-SEQUENCE:7\n");
  ASSERT_EQ(playlist.segments.size(), 3u);
  EXPECT_EQ(playlist.segments[0].discontinuity_sequence, 7u);
  EXPECT_TRUE(playlist.segments[1].discontinuity);
  EXPECT_EQ(playlist.segments[1].discontinuity_sequence, 8u);
  EXPECT_FALSE(playlist.segments[2].discontinuity);
  EXPECT_EQ(playlist.segments[2].discontinuity_sequence, 8u);
}

TEST(MediaPlaylist, marks_gaps) {
  const auto playlist = media("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-GAP\n#EXTINF:2,\na\n#EXTINF:2,\nb\n");
  EXPECT_TRUE(playlist.segments[0].gap);
  EXPECT_FALSE(playlist.segments[1].gap);
}

TEST(MediaPlaylist, continues_byte_ranges_without_offset) {
  const auto playlist = media(
      "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n#EXT-X-BYTERANGE:100@50\nall.ts\n"
      "#EXTINF:2,\n#EXT-X-BYTERANGE:70\nall.ts\n#EXTINF:2,\nwhole.ts\n");
  EXPECT_EQ(playlist.segments[0].range, (ByteRange{50, 100}));
  EXPECT_EQ(playlist.segments[1].range, (ByteRange{150, 70}));
  EXPECT_FALSE(playlist.segments[2].range);
}

TEST(MediaPlaylist, refuses_byte_ranges_that_continue_nothing_or_overflow) {
  const auto with = [](std::string_view range) {
    return refusal(fmt::format("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n#EXT-X-BYTERANGE:{}\na.ts\n", range))
        .kind;
  };
  EXPECT_EQ(with("70"), ErrorKind::corrupt);
  EXPECT_EQ(with("0@5"), ErrorKind::corrupt);
  EXPECT_EQ(with("18446744073709551615@18446744073709551615"), ErrorKind::corrupt);
  EXPECT_EQ(with("x@y"), ErrorKind::corrupt);
}

TEST(MediaPlaylist, gives_every_segment_the_init_section_before_it) {
  const auto playlist = media(
      "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\na\n#EXT-X-MAP:URI=\"init.mp4\",BYTERANGE=\"720@0\"\n"
      "#EXTINF:2,\nb\n#EXTINF:2,\nc\n#EXT-X-MAP:URI=\"init2.mp4\",BYTERANGE=\"9\"\n#EXTINF:2,\nd\n");
  EXPECT_FALSE(playlist.segments[0].init);
  EXPECT_EQ(playlist.segments[1].init, (InitSection{"https://origin.example/live/init.mp4", ByteRange{0, 720}}));
  EXPECT_EQ(playlist.segments[2].init, playlist.segments[1].init);
  EXPECT_EQ(playlist.segments[3].init, (InitSection{"https://origin.example/live/init2.mp4", ByteRange{0, 9}}));
}

TEST(MediaPlaylist, gives_every_segment_the_key_before_it) {
  const auto playlist = media(
      "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\na\n"
      "#EXT-X-KEY:METHOD=AES-128,URI=\"k?a=1,2\",IV=0X00000000000000000000000000000a0B\n#EXTINF:2,\nb\n#EXTINF:2,\nc\n"
      "#EXT-X-KEY:METHOD=NONE\n#EXTINF:2,\nd\n#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://x\"\n#EXTINF:2,\ne\n");
  EXPECT_FALSE(playlist.segments[0].key);
  ASSERT_TRUE(playlist.segments[1].key);
  EXPECT_EQ(playlist.segments[1].key->method, SegmentKey::Method::aes128);
  EXPECT_EQ(playlist.segments[1].key->uri, "https://origin.example/live/k?a=1,2");
  EXPECT_EQ(playlist.segments[2].key, playlist.segments[1].key);
  EXPECT_EQ(effective_iv(playlist.segments[1])[14], std::byte{0x0a});
  EXPECT_EQ(effective_iv(playlist.segments[1])[15], std::byte{0x0b});
  EXPECT_FALSE(playlist.segments[3].key);
  EXPECT_EQ(playlist.segments[4].key->method, SegmentKey::Method::unsupported);
}

TEST(MediaPlaylist, takes_the_sequence_number_for_an_iv_that_is_not_given) {
  const auto playlist = media(
      "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:258\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n#EXTINF:2,"
      "\na\n");
  const auto iv = effective_iv(playlist.segments[0]);
  EXPECT_EQ(iv[13], std::byte{0});
  EXPECT_EQ(iv[14], std::byte{1});
  EXPECT_EQ(iv[15], std::byte{2});
}

TEST(MediaPlaylist, carries_the_date_forward) {
  const auto playlist = media(
      "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\na\n#EXT-X-PROGRAM-DATE-TIME:2026-11-23T08:00:00.000Z\n"
      "#EXTINF:2.5,\nb\n#EXTINF:2,\nc\n");
  EXPECT_FALSE(playlist.segments[0].program_date_time);
  EXPECT_EQ(playlist.segments[1].program_date_time, from_rfc3339("2026-11-23T08:00:00.000Z"));
  EXPECT_EQ(playlist.segments[2].program_date_time, from_rfc3339("2026-11-23T08:00:02.500Z"));
}

TEST(MediaPlaylist, skips_low_latency_parts_and_prefetches) {
  const auto playlist = media(
      "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-PART-INF:PART-TARGET=0.33\n#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES\n"
      "#EXTINF:4,\na.mp4\n#EXT-X-PART:DURATION=0.33,URI=\"a.1.mp4\"\n#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"a.2.mp4\"\n"
      "#EXT-X-PREFETCH:https://x/y.ts\n#EXT-X-RENDITION-REPORT:URI=\"../1M/w\"\n");
  EXPECT_EQ(playlist.segments.size(), 1u);
}

TEST(MediaPlaylist, takes_the_longest_segment_for_a_missing_target) {
  EXPECT_EQ(media("#EXTM3U\n#EXTINF:3.2,\na\n#EXTINF:2,\nb\n").target_duration, seconds{4});
}

TEST(MediaPlaylist, says_what_came_instead) {
  EXPECT_NE(refusal("<!DOCTYPE html><html>").message.find("HTML page"), std::string::npos);
  EXPECT_NE(refusal("<?xml version=\"1.0\"?>\n<MPD>").message.find("DASH"), std::string::npos);
  EXPECT_NE(refusal("{\"error\":1}").message.find("JSON"), std::string::npos);
  EXPECT_NE(refusal(" \r\n").message.find("empty"), std::string::npos);
  EXPECT_NE(refusal("#EXTM3UX\n").message.find("#EXTM3U"), std::string::npos);
  EXPECT_NE(refusal("#EXTM3U\n").message.find("neither"), std::string::npos);
}

TEST(MediaPlaylist, refuses_nonsense) {
  for (const auto* const text :
       {"#EXTINF:abc,\na.ts\n", "#EXTINF:-1,\na.ts\n", "a.ts\n", "#EXT-X-TARGETDURATION:x\n",
        "#EXT-X-MEDIA-SEQUENCE:18446744073709551615\n", "#EXT-X-MEDIA-SEQUENCE:-1\n", "#EXT-X-KEY:METHOD=AES-128\n",
        "#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0xZZ\n", "#EXT-X-MAP:BYTERANGE=\"5@0\"\n",
        "#EXT-X-STREAM-INF:BANDWIDTH=1\nv.m3u8\n#EXTINF:2,\na.ts\n"})
    EXPECT_EQ(refusal(fmt::format("#EXTM3U\n{}", text)).kind, ErrorKind::corrupt) << text;
}

TEST(MediaPlaylist, has_limits) {
  std::string many = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n";
  for (int i = 0; i < 200'001; ++i) many += "#EXTINF:1,\na\n";
  EXPECT_EQ(refusal(many).kind, ErrorKind::unsupported);
  EXPECT_EQ(refusal("#EXTM3U\n#" + std::string(70'000, 'x')).kind, ErrorKind::unsupported);
}

constexpr std::string_view kMaster =
    "#EXTM3U\n"
    "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"aud\",NAME=\"English, "
    "main\",LANGUAGE=\"en\",DEFAULT=YES,AUTOSELECT=YES,URI=\"a.m3u8\"\n"
    "#EXT-X-STREAM-INF:BANDWIDTH=3000000,AVERAGE-BANDWIDTH=2500000,RESOLUTION=1280x720,FRAME-RATE=30,"
    "CODECS=\"avc1.4d401f,mp4a.40.2\",AUDIO=\"aud\"\n720p30.m3u8\n"
    "#EXT-X-STREAM-INF:BANDWIDTH=4000000,RESOLUTION=1280x720,FRAME-RATE=59.940\n720p60.m3u8\n"
    "#EXT-X-STREAM-INF:BANDWIDTH=7000000,RESOLUTION=1920x1080,FRAME-RATE=30.000\n1080-high.m3u8\n"
    "#EXT-X-STREAM-INF:BANDWIDTH=6000000,RESOLUTION=1920x1080,FRAME-RATE=30.000\n1080-low.m3u8\n"
    "#EXT-X-STREAM-INF:BANDWIDTH=300000,RESOLUTION=426x240\n240.m3u8\n"
    "#EXT-X-STREAM-INF:BANDWIDTH=64000,CODECS=\"mp4a.40.2\"\naudio.m3u8\n"
    "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI=\"i.m3u8\"\n";

TEST(MasterPlaylist, reads_variants_and_renditions) {
  const auto playlist = master(kMaster);
  ASSERT_EQ(playlist.variants.size(), 6u);
  const auto& first = playlist.variants[0];
  EXPECT_EQ(first.uri, "https://origin.example/live/720p30.m3u8");
  EXPECT_EQ(first.bandwidth, 3'000'000u);
  EXPECT_EQ(first.average_bandwidth, 2'500'000u);
  EXPECT_EQ(first.width, 1280u);
  EXPECT_EQ(first.height, 720u);
  EXPECT_EQ(first.codecs, "avc1.4d401f,mp4a.40.2");
  EXPECT_EQ(first.audio_group, "aud");
  EXPECT_NEAR(playlist.variants[1].frame_rate, 59.94, 1e-9);
  ASSERT_EQ(playlist.renditions.size(), 1u);
  const auto& audio = playlist.renditions[0];
  EXPECT_EQ(audio.type, Rendition::Type::audio);
  EXPECT_EQ(audio.name, "English, main");
  EXPECT_EQ(audio.language, "en");
  EXPECT_EQ(audio.uri, "https://origin.example/live/a.m3u8");
  EXPECT_TRUE(audio.is_default && audio.autoselect);
}

TEST(MasterPlaylist, chooses_by_quality) {
  const auto playlist = master(kMaster);
  const auto chosen = [&](std::string_view quality) {
    return choose_variant(playlist, quality).uri.substr(std::string_view("https://origin.example/live/").size());
  };
  EXPECT_EQ(chosen("best"), "1080-high.m3u8");
  EXPECT_EQ(chosen("1080"), "1080-high.m3u8");
  EXPECT_EQ(chosen("720"), "720p60.m3u8");
  EXPECT_EQ(chosen("1000p"), "720p60.m3u8");
  EXPECT_EQ(chosen("100"), "240.m3u8");
  EXPECT_EQ(chosen("worst"), "240.m3u8");
  EXPECT_EQ(chosen("audio"), "audio.m3u8");
}

TEST(MasterPlaylist, takes_the_smallest_for_audio_where_none_is_alone) {
  const auto playlist = master(
      "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=5,RESOLUTION=4x4\na\n#EXT-X-STREAM-INF:BANDWIDTH=3,RESOLUTION=2x2\nb\n");
  EXPECT_TRUE(choose_variant(playlist, "audio").uri.ends_with("/b"));
}

}  // namespace
}  // namespace aircheck::media
