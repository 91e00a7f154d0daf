#include "media/webm.hpp"

#include <gmock/gmock.h>

#include "media/ebml.hpp"

namespace aircheck::media {
namespace {

using namespace ebml;
using testing::ElementsAre;
using testing::HasSubstr;

Bytes operator+(Bytes left, const Bytes& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}
Bytes element(std::uint32_t id, const Bytes& body) {
  Bytes out;
  put_binary(out, id, body);
  return out;
}
Bytes unknown(std::uint32_t id, const Bytes& body) {
  Bytes out;
  put_id(out, id);
  put_unknown_size(out);
  return out + body;
}
Bytes number(std::uint32_t id, std::uint64_t value) {
  Bytes out;
  put_uint(out, id, value);
  return out;
}
Bytes words(std::uint32_t id, std::string_view text) {
  Bytes out;
  put_text(out, id, text);
  return out;
}
Bytes block(std::uint32_t id, unsigned track, int time, unsigned flags, std::string_view payload) {
  Bytes body;
  ByteWriter out(body);
  out.u8(static_cast<std::uint8_t>(0x80 | track));
  out.u16(static_cast<std::uint16_t>(time));
  out.u8(static_cast<std::uint8_t>(flags));
  out.text(payload);
  return element(id, body);
}
Bytes simple(unsigned track, int time, unsigned flags, std::string_view payload) {
  return block(kSimpleBlock, track, time, flags, payload);
}

Bytes video_entry(std::string_view codec = "V_VP9", const Bytes& more = {}) {
  return element(kTrackEntry, number(kTrackNumber, 1) + number(kTrackType, 1) + words(kCodecId, codec) +
                                  element(kVideo, number(kPixelWidth, 1920) + number(kPixelHeight, 1080)) + more);
}
Bytes audio_entry() {
  Bytes rate;
  put_float(rate, kSamplingFrequency, 48'000);
  return element(kTrackEntry, number(kTrackNumber, 2) + number(kTrackType, 2) + words(kCodecId, "A_OPUS") +
                                  number(kCodecDelay, 6'500'000) + number(kSeekPreRoll, 80'000'000) +
                                  words(kCodecPrivate, "OpusHead") + element(kAudio, rate + number(kChannels, 2)));
}
Bytes header(const Bytes& entries, std::uint64_t tick = 1'000'000) {
  return element(kInfo, number(kTimestampScale, tick)) + element(kTracks, entries);
}
Bytes with_header(const Bytes& clusters) {
  return element(kEbml, words(kDocType, "webm")) + unknown(kSegment, header(video_entry() + audio_entry()) + clusters);
}
Bytes two_blocks() { return simple(1, 0, 0x80, "key") + simple(1, 40, 0, "mid"); }

WebmInit init_of(const Bytes& bytes) {
  const auto init = parse_webm_init(bytes);
  EXPECT_TRUE(init) << init.error().message;
  return init.value_or(WebmInit{});
}
std::vector<std::string> payloads(const Result<DemuxedSegment>& segment) {
  std::vector<std::string> out;
  EXPECT_TRUE(segment) << segment.error().message;
  if (segment)
    for (const auto& packet : segment->packets) out.emplace_back(as_text(packet.data));
  return out;
}
ErrorKind error_of(const Result<DemuxedSegment>& result) {
  EXPECT_FALSE(result);
  return result ? ErrorKind::internal : result.error().kind;
}

TEST(Webm, header_says_what_the_tracks_are) {
  const auto init = init_of(with_header({}));
  ASSERT_EQ(init.tracks.size(), 2u);
  EXPECT_EQ(init.tracks[0].codec, Codec::vp9);
  EXPECT_EQ(init.tracks[0].width, 1920u);
  EXPECT_EQ(init.tracks[1].codec, Codec::opus);
  EXPECT_EQ(init.tracks[1].sample_rate, 48'000u);
  EXPECT_EQ(init.tracks[1].channels, 2u);
  EXPECT_EQ(init.tracks[1].codec_delay, nanoseconds{6'500'000});
  EXPECT_EQ(as_text(init.tracks[1].codec_private), "OpusHead");
}

Bytes light(std::uint32_t id, double value) {
  Bytes out;
  put_float(out, id, value);
  return out;
}

// Such a number could not be noted in a recording's journal, and nobody could go on with it.
TEST(Webm, display_that_it_was_mastered_on_has_numbers_or_is_not_told) {
  for (const double odd : {std::nan(""), HUGE_VAL, 0.25}) {
    auto display = light(kLuminanceMax, odd) + light(kLuminanceMin, 0.5);
    for (std::uint32_t i = 0; i < 8; ++i) display = display + light(kPrimaryRChromaticityX + i, 0.125);
    const auto colour = element(kVideo, element(kColour, element(kMasteringMetadata, display)));
    const auto init =
        init_of(element(kEbml, words(kDocType, "webm")) + unknown(kSegment, header(video_entry("V_VP9", colour))));
    ASSERT_EQ(init.tracks.size(), 1u);
    EXPECT_EQ(init.tracks[0].colour.mastering.has_value(), std::isfinite(odd)) << odd;
  }
}

TEST(Webm, clusters_of_known_and_unknown_size_are_the_same) {
  const auto body = number(kTimestamp, 5'000) + two_blocks();
  for (const auto& cluster : {element(kCluster, body), unknown(kCluster, body)}) {
    const auto bytes = with_header(cluster + element(kCluster, number(kTimestamp, 6'000) + two_blocks()));
    const auto segment = demux_webm({}, bytes);
    EXPECT_THAT(payloads(segment), ElementsAre("key", "mid", "key", "mid"));
    EXPECT_EQ(segment->packets[1].pts, milliseconds{5'040});
    EXPECT_EQ(segment->packets[2].dts, seconds{6});
    EXPECT_TRUE(segment->packets[2].key);
    EXPECT_FALSE(segment->packets[3].key);
  }
}

TEST(Webm, fragment_without_a_header_takes_the_first_one) {
  const auto init = init_of(with_header({}));
  const auto bytes = element(kCluster, number(kTimestamp, 0) + two_blocks());
  EXPECT_THAT(payloads(demux_webm(init, bytes)), ElementsAre("key", "mid"));
}

TEST(Webm, headers_may_be_repeated) {
  const auto fragment = [](int time) {
    return with_header(element(kCluster, number(kTimestamp, static_cast<std::uint64_t>(time)) + two_blocks()));
  };
  EXPECT_THAT(payloads(demux_webm({}, fragment(0) + fragment(80))), ElementsAre("key", "mid", "key", "mid"));
}

TEST(Webm, packets_come_by_time_and_last_until_the_next) {
  const auto bytes =
      with_header(element(kCluster, number(kTimestamp, 100) + simple(1, 0, 0x80, "v0") + simple(1, 40, 0, "v1") +
                                        simple(2, 0, 0x80, "a0") + simple(2, 20, 0x80, "a1")));
  const auto segment = demux_webm({}, bytes);
  EXPECT_THAT(payloads(segment), ElementsAre("a0", "v0", "a1", "v1"));
  EXPECT_EQ(segment->packets[0].pts, milliseconds{100} - nanoseconds{6'500'000});
  EXPECT_EQ(segment->packets[0].duration, milliseconds{20});
  EXPECT_EQ(segment->packets[2].duration, milliseconds{20});
  EXPECT_EQ(segment->packets[3].duration, milliseconds{40});
}

TEST(Webm, groups_of_blocks_are_read) {
  const auto bytes = with_header(
      element(kCluster, number(kTimestamp, 0) +
                            element(kBlockGroup, block(kBlock, 1, 0, 0, "key") + number(kBlockDuration, 33)) +
                            element(kBlockGroup, block(kBlock, 1, 33, 0, "mid") + number(kReferenceBlock, 0xdf))));
  const auto segment = demux_webm({}, bytes);
  EXPECT_THAT(payloads(segment), ElementsAre("key", "mid"));
  EXPECT_TRUE(segment->packets[0].key);
  EXPECT_EQ(segment->packets[0].duration, milliseconds{33});
  EXPECT_FALSE(segment->packets[1].key);
}

TEST(Webm, finer_ticks_are_honoured) {
  const auto init = init_of(header(video_entry(), 1'000));
  const auto bytes = element(kCluster, number(kTimestamp, 1'000'001) + simple(1, -1, 0x80, "x"));
  const auto segment = demux_webm(init, bytes);
  ASSERT_TRUE(segment);
  EXPECT_EQ(segment->packets[0].pts, seconds{1});
}

TEST(Webm, every_cut_of_a_cluster_of_known_size_is_corrupt) {
  const auto bytes = with_header(element(kCluster, number(kTimestamp, 0) + two_blocks()));
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_EQ(error_of(demux_webm({}, ByteView(bytes).first(size))), ErrorKind::corrupt) << size;
}

TEST(Webm, cut_inside_a_block_of_an_unknown_cluster_is_corrupt) {
  const auto bytes = with_header(unknown(kCluster, number(kTimestamp, 0) + two_blocks()));
  EXPECT_EQ(error_of(demux_webm({}, ByteView(bytes).first(bytes.size() - 1))), ErrorKind::corrupt);
}

TEST(Webm, times_out_of_range_are_corrupt) {
  const auto bytes = with_header(element(kCluster, number(kTimestamp, ~std::uint64_t{0}) + two_blocks()));
  EXPECT_EQ(error_of(demux_webm({}, bytes)), ErrorKind::corrupt);
}

TEST(Webm, lacing_and_encryption_are_refused_in_words) {
  const auto laced = with_header(element(kCluster, number(kTimestamp, 0) + simple(1, 0, 0x82, "xx")));
  EXPECT_EQ(error_of(demux_webm({}, laced)), ErrorKind::unsupported);
  const auto init = parse_webm_init(header(video_entry("V_VP9", element(kContentEncodings, number(0x5031, 0)))));
  ASSERT_FALSE(init);
  EXPECT_EQ(init.error().kind, ErrorKind::unsupported);
  EXPECT_THAT(init.error().message, HasSubstr("encrypted"));
}

TEST(Webm, unknown_codec_is_left_out) {
  const auto init = init_of(header(video_entry("V_THEORA") + audio_entry()));
  EXPECT_EQ(init.tracks.size(), 1u);
  EXPECT_THAT(init.left_out, ElementsAre(HasSubstr("V_THEORA")));
  const auto none = parse_webm_init(header(video_entry("V_THEORA")));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::unsupported);
}

}  // namespace
}  // namespace aircheck::media
