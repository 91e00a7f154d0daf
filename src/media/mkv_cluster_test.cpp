#include "media/mkv_cluster.hpp"

#include <gmock/gmock.h>

#include "media/mkv_testing.hpp"

namespace aircheck::media {
namespace {

using namespace ebml;
using std::chrono::microseconds;

constexpr std::string_view kPayload = "payload";

const std::vector<Track> kVideoAndAudio{{.kind = TrackKind::video}, {.kind = TrackKind::audio, .codec = Codec::aac}};
const std::vector<Track> kAudio{{.kind = TrackKind::audio, .codec = Codec::aac}};

Packet packet(std::uint32_t track, bool key, nanoseconds pts) {
  return {.track = track, .key = key, .pts = pts, .dts = pts, .data = as_bytes(kPayload)};
}

Bytes join(const MuxedPackets& muxed) {
  Bytes out;
  for (const auto piece : muxed.pieces) out.insert(out.end(), piece.begin(), piece.end());
  return out;
}

struct Block {
  unsigned track = 0;
  std::int64_t time = 0;  // ms in the file
  bool key = false;
  std::string payload;
};

struct Cluster {
  std::size_t offset = 0;
  std::int64_t time = 0;
  std::vector<Block> blocks;
};

Block read_block(ByteView body, std::int64_t cluster_time) {
  ByteReader in(body);
  Block out{in.u8() & 0x7fu};
  out.time = cluster_time + static_cast<std::int16_t>(in.u16());
  out.key = (in.u8() & 0x80) != 0;
  out.payload = as_text(in.take(in.remaining()));
  return out;
}

std::vector<Cluster> read_clusters(ByteView bytes) {
  std::vector<Cluster> out;
  for (const auto& element : read_elements(bytes)) {
    EXPECT_EQ(element.id, kCluster);
    Cluster cluster{element.offset, static_cast<std::int64_t>(find_number(element.body, kTimestamp)), {}};
    for (const auto& block : find_elements(element.body, kSimpleBlock))
      cluster.blocks.push_back(read_block(block.body, cluster.time));
    out.push_back(cluster);
  }
  return out;
}

std::vector<Cluster> mux(const std::vector<Packet>& packets, const std::vector<Track>& tracks,
                         nanoseconds offset = {}) {
  const auto muxed = mux_clusters(packets, offset, 0, tracks);
  EXPECT_TRUE(muxed) << muxed.error().message;
  return read_clusters(join(*muxed));
}

std::vector<std::int64_t> times_of(const std::vector<Cluster>& clusters) {
  std::vector<std::int64_t> out;
  for (const auto& cluster : clusters)
    for (const auto& block : cluster.blocks) out.push_back(block.time);
  return out;
}

TEST(MkvCluster, begins_one_at_each_video_key_frame) {
  const std::vector packets{packet(0, true, seconds{0}), packet(1, true, milliseconds{10}),
                            packet(0, false, seconds{1}), packet(0, true, seconds{2}), packet(1, true, seconds{2})};
  const auto muxed = mux_clusters(packets, {}, 5'000, kVideoAndAudio);
  const auto clusters = read_clusters(join(*muxed));
  ASSERT_EQ(clusters.size(), 2u);
  EXPECT_EQ(clusters[0].blocks.size(), 3u);
  EXPECT_EQ(clusters[1].blocks.size(), 2u);
  EXPECT_THAT(muxed->cues, testing::ElementsAre(Cue{0, 5'000}, Cue{2'000, 5'000 + clusters[1].offset}));
  EXPECT_EQ(muxed->bytes, join(*muxed).size());
}

TEST(MkvCluster, keeps_tracks_keys_and_payloads) {
  const auto clusters = mux({packet(0, true, {}), packet(1, true, {}), packet(0, false, seconds{1})}, kVideoAndAudio);
  const auto& blocks = clusters.at(0).blocks;
  EXPECT_EQ(blocks[0].track, 1u);
  EXPECT_EQ(blocks[1].track, 2u);
  EXPECT_TRUE(blocks[0].key);
  EXPECT_FALSE(blocks[2].key);
  EXPECT_EQ(blocks[1].payload, kPayload);
}

TEST(MkvCluster, copies_no_payload) {
  const std::vector packets{packet(0, true, {})};
  const auto muxed = mux_clusters(packets, {}, 0, kVideoAndAudio);
  EXPECT_EQ(muxed->pieces.back().data(), packets[0].data.data());
}

TEST(MkvCluster, rounds_halves_away_from_zero) {
  const std::vector packets{packet(0, true, microseconds{500}), packet(0, false, microseconds{16'683}),
                            packet(0, false, microseconds{33'499}), packet(0, false, microseconds{33'500})};
  EXPECT_THAT(times_of(mux(packets, kVideoAndAudio)), testing::ElementsAre(1, 17, 33, 34));
}

// Pictures that are shown before the key frame that they follow in decoding order (an open group of pictures).
TEST(MkvCluster, takes_the_earliest_time_for_the_clusters) {
  const std::vector packets{packet(0, true, milliseconds{120}), packet(0, false, milliseconds{40}),
                            packet(0, false, milliseconds{80})};
  const auto muxed = mux_clusters(packets, {}, 0, kVideoAndAudio);
  const auto clusters = read_clusters(join(*muxed));
  EXPECT_EQ(clusters.at(0).time, 40);
  EXPECT_THAT(times_of(clusters), testing::ElementsAre(120, 40, 80));
  EXPECT_EQ(muxed->cues.at(0).time_ms, 120u);
}

TEST(MkvCluster, never_spans_what_sixteen_bits_cannot) {
  std::vector<Packet> packets{packet(0, true, {})};
  for (int i = 1; i < 100; ++i) packets.push_back(packet(0, false, seconds{i}));
  const auto clusters = mux(packets, kVideoAndAudio);
  EXPECT_EQ(clusters.size(), 4u);
  for (std::size_t i = 0; i < packets.size(); ++i)
    EXPECT_EQ(times_of(clusters)[i], static_cast<std::int64_t>(i) * 1'000);
}

TEST(MkvCluster, begins_one_every_five_seconds_of_sound_alone) {
  std::vector<Packet> packets;
  for (int i = 0; i < 20; ++i) packets.push_back(packet(0, true, seconds{i}));
  const auto muxed = mux_clusters(packets, {}, 0, kAudio);
  EXPECT_EQ(read_clusters(join(*muxed)).size(), 4u);
  EXPECT_EQ(muxed->cues.size(), 4u);
}

TEST(MkvCluster, has_no_cue_without_a_key_frame) {
  const std::vector packets{packet(0, false, {}), packet(1, true, {})};
  EXPECT_TRUE(mux_clusters(packets, {}, 0, kVideoAndAudio)->cues.empty());
}

TEST(MkvCluster, delays_blocks_as_the_codec_does) {
  auto tracks = kAudio;
  tracks[0].codec_delay = microseconds{6'500};
  const std::vector packets{packet(0, true, microseconds{-6'500}), packet(0, true, microseconds{13'500})};
  EXPECT_THAT(times_of(mux(packets, tracks)), testing::ElementsAre(0, 20));
}

TEST(MkvCluster, forgives_a_millisecond_before_the_start) {
  EXPECT_THAT(times_of(mux({packet(0, true, milliseconds{-1}), packet(0, false, {})}, kVideoAndAudio)),
              testing::ElementsAre(0, 0));
  const std::vector early{packet(0, true, milliseconds{-2})};
  const auto muxed = mux_clusters(early, {}, 0, kVideoAndAudio);
  ASSERT_FALSE(muxed);
  EXPECT_EQ(muxed.error().kind, ErrorKind::internal);
}

TEST(MkvCluster, puts_the_prefix_before_key_frames_of_its_track_only) {
  const auto text = as_bytes("sets");
  const std::vector<Bytes> prefixes{Bytes(text.begin(), text.end())};
  const std::vector packets{packet(0, true, {}), packet(1, true, {}), packet(0, false, seconds{1})};
  const auto muxed = mux_clusters(packets, {}, 0, kVideoAndAudio, prefixes);
  const auto blocks = read_clusters(join(*muxed)).at(0).blocks;
  EXPECT_EQ(blocks[0].payload, "setspayload");
  EXPECT_EQ(blocks[1].payload, "payload");
  EXPECT_EQ(blocks[2].payload, "payload");
}

TEST(MkvCluster, knows_where_it_ends) {
  auto last = packet(0, false, seconds{3});
  last.duration = milliseconds{40};
  const std::vector packets{packet(0, true, seconds{1}), last, packet(0, false, seconds{2})};
  EXPECT_EQ(mux_clusters(packets, -seconds{1}, 0, kVideoAndAudio)->end, milliseconds{2'040});
}

}  // namespace
}  // namespace aircheck::media
