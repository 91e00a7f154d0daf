// The demuxer against FFmpeg: the same packets, byte for byte as its Matroska has them, at the same times.
#include <cmath>

#include "media/oracle_testing.hpp"
#include "media/ts.hpp"

namespace aircheck::media {
namespace {

constexpr std::string_view kSound = "-f lavfi -i sine=440:sample_rate=48000:duration=4";

std::string picture(std::string_view rate, int seconds = 4) {
  return fmt::format("-f lavfi -i testsrc2=size=320x180:rate={}:duration={}", rate, seconds);
}

double in_seconds(nanoseconds time) { return std::chrono::duration<double>(time).count(); }

std::vector<Packet> packets_of(const DemuxedSegment& segment, TrackKind kind) {
  std::vector<Packet> out;
  for (const auto& packet : segment.packets)
    if (segment.tracks[packet.track].kind == kind) out.push_back(packet);
  return out;
}

const Track& track_of(const DemuxedSegment& segment, TrackKind kind) {
  for (const auto& track : segment.tracks)
    if (track.kind == kind) return track;
  ADD_FAILURE() << "no such track";
  return segment.tracks.front();
}

// FFmpeg's HEVC parser leaves the first zero of a four-byte start code with the picture before it. No NAL unit may end so
// (H.265 §7.4.2); ours do not.
Bytes with_stray_zero(ByteView data) {
  Bytes out(data.begin(), data.end());
  std::size_t last = 0;
  for (ByteReader in(data); !in.at_end(); in.skip(in.u32())) last = in.position();
  const auto size = out.size() - last - 3;
  out.push_back(std::byte{0});
  for (std::size_t i = 0; i < 4; ++i) out[last + i] = static_cast<std::byte>(size >> (24 - 8 * i));
  return out;
}

// Payloads, keys and order as in the Matroska file, times as in the transport stream, to the millisecond.
void expect_same(const Track& track, const std::vector<Packet>& ours, const std::vector<OraclePacket>& matroska,
                 const std::vector<OraclePacket>& transport) {
  ASSERT_EQ(ours.size(), matroska.size());
  ASSERT_EQ(ours.size(), transport.size());
  // ffprobe counts from before zero where a recording begins shortly before the clock wraps.
  constexpr double kWrap = 8'589'934'592.0 / 90'000;
  const auto shift = kWrap * std::round((in_seconds(ours[0].dts) - transport[0].dts) / kWrap);
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const bool stray = track.codec == Codec::hevc && i + 1 < ours.size();
    ASSERT_EQ(stray ? md5_of(with_stray_zero(ours[i].data)) : md5_of(ours[i].data), matroska[i].md5) << "packet " << i;
    ASSERT_EQ(ours[i].key, matroska[i].key) << "packet " << i;
    ASSERT_NEAR(in_seconds(ours[i].pts), shift + transport[i].pts, 0.00005) << "packet " << i;
    ASSERT_NEAR(in_seconds(ours[i].dts), shift + transport[i].dts, 0.00005) << "packet " << i;
  }
}

std::size_t test_tracks(std::string_view input) {
  return (input.find("testsrc") != std::string_view::npos ? 1u : 0u) +
         (input.find("sine") != std::string_view::npos ? 1u : 0u);
}

struct Case {
  std::string name, input, output;
  friend void PrintTo(const Case& test, std::ostream* out) { *out << test.input << " " << test.output; }
};

class TsOracle : public testing::TestWithParam<Case> {
 protected:
  OracleFolder folder_;
};

TEST_P(TsOracle, yields_what_ffmpeg_does) {
  const auto& [name, input, output] = GetParam();
  folder_.ffmpeg(fmt::format("{} {} -f mpegts a.ts", input, output));
  folder_.ffmpeg("-copyts -i a.ts -map 0 -c copy -copyinkf a.mkv");
  const auto segment = folder_.read("a.ts");
  TsState state;
  const auto result = demux_ts(segment, state);
  ASSERT_TRUE(result) << result.error().message;
  ASSERT_EQ(result->tracks.size(), test_tracks(input));
  EXPECT_EQ(state.damage, 0u);
  for (const auto kind : {TrackKind::video, TrackKind::audio}) {
    const char letter = kind == TrackKind::video ? 'v' : 'a';
    const auto matroska = probe_packets(folder_.file("a.mkv"), letter);
    if (matroska.empty()) continue;
    const auto& track = track_of(*result, kind);
    expect_same(track, packets_of(*result, kind), matroska, probe_packets(folder_.file("a.ts"), letter));
    EXPECT_EQ(probe_stream(folder_.file("a.mkv"), letter, "extradata_hash"),
              track.codec_private.empty() ? "" : md5_of(track.codec_private));
    if (kind == TrackKind::audio) {
      EXPECT_EQ(probe_stream(folder_.file("a.mkv"), letter, "sample_rate"), fmt::format("{}", track.sample_rate));
      EXPECT_EQ(probe_stream(folder_.file("a.mkv"), letter, "channels"), fmt::format("{}", track.channels));
      continue;
    }
    EXPECT_EQ(probe_stream(folder_.file("a.mkv"), letter, "width"), fmt::format("{}", track.width));
    EXPECT_EQ(probe_stream(folder_.file("a.mkv"), letter, "height"), fmt::format("{}", track.height));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Streams, TsOracle,
    testing::Values(
        Case{"avc_with_b_frames", fmt::format("{} {}", picture("30"), kSound),
             "-c:v libx264 -preset veryfast -bf 3 -g 30 -c:a aac"},
        Case{"avc_59_94", fmt::format("{} {}", picture("60000/1001"), kSound),
             "-c:v libx264 -preset veryfast -bf 2 -g 60 -c:a aac"},
        Case{"avc_across_the_clocks_wrap", fmt::format("{} {}", picture("30"), kSound),
             "-c:v libx264 -preset veryfast -bf 2 -g 30 -c:a aac -output_ts_offset 95441"},
        Case{"avc_open_gop", fmt::format("{} {}", picture("25"), kSound),
             "-c:v libx264 -preset veryfast -bf 2 -g 25 -x264-params open-gop=1:scenecut=0 -c:a aac"},
        Case{"avc_slices", picture("30"), "-c:v libx264 -preset veryfast -bf 2 -g 30 -x264-params slices=4"},
        Case{"avc_interlaced", picture("25"),
             "-c:v libx264 -preset veryfast -flags +ildct+ilme -x264-params tff=1 -bf 2 -g 25"},
        Case{"avc_baseline_intra_refresh", picture("30"),
             "-c:v libx264 -preset veryfast -profile:v baseline -x264-params intra-refresh=1:keyint=30"},
        Case{"avc_delimiters", picture("30"), "-c:v libx264 -preset veryfast -x264-params aud=1 -g 30"},
        Case{"avc_high_444", picture("30"), "-c:v libx264 -preset veryfast -pix_fmt yuv444p -g 30"},
        Case{"avc_anamorphic_odd_size", picture("30"),
             "-c:v libx264 -preset veryfast -vf scale=322:182,setsar=40/33 -g 30"},
        Case{"avc_constant_bit_rate", picture("30"),
             "-c:v libx264 -preset veryfast -b:v 500k -x264-params nal-hrd=cbr:vbv-maxrate=500:vbv-bufsize=500 -g 30 "
             "-muxrate 900k"},
        Case{"hevc_with_b_frames", fmt::format("{} {}", picture("30"), kSound),
             "-c:v libx265 -preset ultrafast -x265-params log-level=none:bframes=3:keyint=30 -c:a aac"},
        Case{"hevc_59_94_open_gop", picture("60000/1001"),
             "-c:v libx265 -preset veryfast -x265-params log-level=none:open-gop=1:keyint=60"},
        Case{"hevc_hrd_slices_10_bit", picture("25"),
             "-c:v libx265 -preset ultrafast -pix_fmt yuv420p10le -b:v 300k -x265-params "
             "log-level=none:hrd=1:vbv-maxrate=300:vbv-bufsize=300:slices=2:keyint=25:aud=1:sar=2"},
        Case{"hevc_temporal_layers", picture("25"),
             "-c:v libx265 -preset ultrafast -x265-params "
             "log-level=none:temporal-layers=1:keyint=25:scaling-list=default"},
        Case{"aac_44100_mono", std::string("-f lavfi -i sine=440:sample_rate=44100:duration=4"), "-c:a aac"},
        Case{"aac_5_1", std::string(kSound), "-ac 6 -c:a aac"},
        Case{"mp3", fmt::format("{} {}", picture("25"), kSound), "-c:v libx264 -preset veryfast -c:a libmp3lame"},
        Case{"mp3_low_rate", std::string("-f lavfi -i sine=440:sample_rate=22050:duration=4"),
             "-c:a libmp3lame -b:a 32k"},
        Case{"ac3", fmt::format("{} {}", picture("25"), kSound), "-c:v libx264 -preset veryfast -ac 6 -c:a ac3"},
        Case{"ac3_44100", std::string("-f lavfi -i sine=440:sample_rate=44100:duration=4"), "-c:a ac3"}),
    [](const auto& test) { return test.param.name; });

// Cut into segments and read one by one, each by a new process: nothing is missing, nothing comes twice, times go on.
TEST(TsSegmentsOracle, make_the_whole) {
  const OracleFolder folder;
  folder.ffmpeg(
      fmt::format("{} {} -c:v libx264 -preset veryfast -bf 2 -g 30 -c:a aac -output_ts_offset 95441 -f mpegts a.ts",
                  picture("30"), kSound));
  folder.ffmpeg("-copyts -i a.ts -map 0 -c copy -copyinkf a.mkv");
  folder.ffmpeg("-copyts -i a.ts -map 0 -c copy -f segment -segment_time 1 -segment_format mpegts s%d.ts");
  for (const auto kind : {TrackKind::video, TrackKind::audio}) {
    const auto expected = probe_packets(folder.file("a.mkv"), kind == TrackKind::video ? 'v' : 'a');
    std::string state_text;
    std::vector<std::string> hashes;
    std::optional<nanoseconds> last;
    for (int i = 0; std::filesystem::exists(folder.file(fmt::format("s{}.ts", i))); ++i) {
      auto state = TsState::from_text(state_text);
      ASSERT_TRUE(state);
      const auto bytes = folder.read(fmt::format("s{}.ts", i));
      const auto segment = demux_ts(bytes, *state);
      ASSERT_TRUE(segment) << segment.error().message;
      state_text = state->to_text();
      for (const auto& packet : packets_of(*segment, kind)) {
        const auto step = packet.dts - last.value_or(packet.dts - nanoseconds{1});
        ASSERT_GT(step, nanoseconds{0});
        ASSERT_LT(step, milliseconds{40});
        last = packet.dts;
        hashes.push_back(md5_of(packet.data));
      }
    }
    ASSERT_EQ(hashes.size(), expected.size());
    for (std::size_t i = 0; i < hashes.size(); ++i) ASSERT_EQ(hashes[i], expected[i].md5) << i;
  }
}

}  // namespace
}  // namespace aircheck::media
