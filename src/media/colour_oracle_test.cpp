// Colours of HDR and SDR pictures on their way into Matroska, as FFmpeg and MKVToolNix see them before and after.
#include <gmock/gmock.h>

#include "media/av1.hpp"
#include "media/fmp4.hpp"
#include "media/mkv_testing.hpp"
#include "media/oracle_testing.hpp"
#include "media/webm.hpp"

namespace aircheck::media {
namespace {

using testing::HasSubstr;

constexpr std::string_view kPicture = "-f lavfi -i testsrc2=size=320x180:rate=30:duration=1";
constexpr std::string_view kHdr =
    "-pix_fmt yuv420p10le -color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc -color_range tv";
constexpr std::string_view kSdr = "-color_primaries bt709 -color_trc bt709 -colorspace bt709 -color_range pc";
constexpr std::string_view kVp9 = "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 30";
constexpr std::string_view kAv1 = "-c:v libaom-av1 -usage realtime -cpu-used 8 -g 30";
constexpr std::string_view kFragments = "-movflags +frag_keyframe+empty_moov+default_base_moof -f mp4 a.mp4";
constexpr std::string_view kX265 =
    "-c:v libx265 -preset ultrafast -tag:v hvc1 -x265-params "
    "'log-level=none:keyint=30:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:range=limited:hdr10=1:"
    "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50):max-cll=1000,400'";
constexpr auto kFields = "color_range,color_space,color_transfer,color_primaries";

Mastering display() {
  return {.chromaticities = {0.68, 0.32, 0.265, 0.69, 0.15, 0.06, 0.3127, 0.329},
          .max_luminance = 1000,
          .min_luminance = 0.005};
}

class Colours : public testing::Test {
 protected:
  Track from_mp4(const std::string& arguments) {
    folder_.ffmpeg(fmt::format("{} {} {}", kPicture, arguments, kFragments));
    const auto bytes = folder_.read("a.mp4");
    const auto init = parse_fmp4_init(bytes);
    EXPECT_TRUE(init) << init.error().message;
    const auto segment = demux_fmp4(*init, bytes);
    return convert("a.mp4", segment.value());
  }
  Track from_webm(const std::string& name) {
    const auto bytes = folder_.read(name);
    const auto init = parse_webm_init(bytes);
    EXPECT_TRUE(init) << init.error().message;
    const auto segment = demux_webm(*init, bytes);
    return convert(name, segment.value());
  }
  Track convert(const std::string& name, const DemuxedSegment& segment) {
    EXPECT_TRUE(write_matroska(folder_.file("b.mkv"), segment, -earliest(segment)));
    EXPECT_EQ(probe_stream(folder_.file("b.mkv"), 'v', kFields), probe_stream(folder_.file(name), 'v', kFields));
    info_ = run_oracle(fmt::format("mkvinfo --ui-language en_US {}", folder_.file("b.mkv").string()));
    return segment.tracks.at(0);
  }
  void expect_hdr(const Track& track) const {
    EXPECT_EQ(track.colour.primaries, 9);
    EXPECT_EQ(track.colour.transfer, 16);
    EXPECT_EQ(track.colour.matrix, 9);
    EXPECT_EQ(track.colour.range, Colour::Range::broadcast);
    EXPECT_THAT(probe_stream(folder_.file("b.mkv"), 'v', "color_transfer"), testing::StartsWith("smpte2084"));
    EXPECT_THAT(info_, HasSubstr("ransfer: 16"));
    EXPECT_THAT(info_, HasSubstr("rimaries: 9"));
    EXPECT_THAT(info_, HasSubstr("oefficients: 9"));
  }

  OracleFolder folder_;
  std::string info_;  // what mkvinfo says
};

TEST_F(Colours, of_vp9_in_mp4) { expect_hdr(from_mp4(fmt::format("{} {} -profile:v 2 -strict -2", kHdr, kVp9))); }

TEST_F(Colours, of_vp9_in_webm) {
  folder_.ffmpeg(fmt::format("{} {} {} -profile:v 2 a.webm", kPicture, kHdr, kVp9));
  expect_hdr(from_webm("a.webm"));
}

TEST_F(Colours, of_a_mastered_vp9) {
  folder_.ffmpeg(fmt::format("{} {} {} -profile:v 2 a.webm", kPicture, kHdr, kVp9));
  run_oracle(
      fmt::format("mkvmerge -q --webm -o {} --chromaticity-coordinates 0:0.68,0.32,0.265,0.69,0.15,0.06 "
                  "--white-colour-coordinates 0:0.3127,0.329 --max-luminance 0:1000 --min-luminance 0:0.005 "
                  "--max-content-light 0:1000 --max-frame-light 0:400 {}",
                  folder_.file("c.webm").string(), folder_.file("a.webm").string()));
  const auto track = from_webm("c.webm");
  expect_hdr(track);
  ASSERT_TRUE(track.colour.mastering);
  EXPECT_NEAR(track.colour.mastering->chromaticities[7], 0.329, 1e-6);
  EXPECT_NEAR(track.colour.mastering->max_luminance, 1000, 1e-3);
  EXPECT_EQ(track.colour.max_cll, 1000u);
  constexpr auto kSideData = "stream_side_data=red_x,white_point_y,min_luminance,max_luminance,max_content,max_average";
  const auto probe = [&](std::string_view name) {
    return run_oracle(fmt::format("ffprobe -v error -select_streams v:0 -show_entries {} -of csv=p=0 {}", kSideData,
                                  folder_.file(name).string()));
  };
  EXPECT_EQ(probe("b.mkv"), probe("c.webm"));
  EXPECT_THAT(probe("b.mkv"), HasSubstr("1000"));
}

TEST_F(Colours, of_av1_by_its_own_header) {
  expect_hdr(from_mp4(fmt::format("{} {} -strict -2", kHdr, kAv1)));  // here only the container tells
  folder_.ffmpeg(fmt::format("{} {} {} a.webm", kPicture, kSdr, kAv1));
  const auto sdr = from_webm("a.webm");
  EXPECT_EQ(sdr.colour.transfer, 1);
  EXPECT_EQ(sdr.colour.range, Colour::Range::full);
  EXPECT_EQ(av1_colour(sdr.codec_private).transfer, 1);
}

TEST_F(Colours, of_hevc_with_what_it_was_mastered_on) {
  const auto track = from_mp4(fmt::format("-pix_fmt yuv420p10le {}", kX265));
  expect_hdr(track);
  ASSERT_TRUE(track.colour.mastering);
  EXPECT_EQ(*track.colour.mastering, display());
  EXPECT_EQ(track.colour.max_cll, 1000u);
  EXPECT_EQ(track.colour.max_fall, 400u);
  EXPECT_THAT(info_, HasSubstr("ontent light: 1000"));
  EXPECT_THAT(info_, HasSubstr("luminance: 1000"));
}

TEST_F(Colours, of_which_nothing_is_known) {
  const auto track = from_mp4("-c:v libx264 -preset veryfast -g 30");
  EXPECT_FALSE(track.colour.is_known());
  EXPECT_EQ(info_.find("olour"), std::string::npos) << info_;
}

}  // namespace
}  // namespace aircheck::media
