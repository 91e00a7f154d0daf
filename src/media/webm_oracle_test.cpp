// From WebM to Matroska against FFmpeg and MKVToolNix: the same packets at the same times, to the millisecond.
#include "media/mkv_testing.hpp"
#include "media/oracle_testing.hpp"
#include "media/webm.hpp"

namespace aircheck::media {
namespace {

constexpr std::string_view kPicture = "-f lavfi -i testsrc2=size=320x180:rate=30:duration=4";
constexpr std::string_view kSound = "-f lavfi -i sine=440:sample_rate=48000:duration=4";
constexpr std::string_view kVp9 = "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 30";
constexpr std::string_view kAv1 = "-c:v libaom-av1 -usage realtime -cpu-used 8 -g 30";

struct Case {
  std::string name, line;
  friend void PrintTo(const Case& test, std::ostream* out) { *out << test.line; }
};

class WebmOracle : public testing::TestWithParam<Case> {
 protected:
  void expect_same_packets(char kind, double offset) const {
    const auto wanted = probe_packets(folder_.file("a.webm"), kind), ours = probe_packets(folder_.file("b.mkv"), kind);
    ASSERT_EQ(ours.size(), wanted.size());
    for (std::size_t i = 0; i < ours.size(); ++i) {
      ASSERT_EQ(ours[i].md5, wanted[i].md5) << kind << i;
      ASSERT_EQ(ours[i].key, wanted[i].key) << kind << i;
      ASSERT_NEAR(ours[i].pts, wanted[i].pts + offset, 0.001) << kind << i;
    }
  }
  OracleFolder folder_;
};

TEST_P(WebmOracle, becomes_matroska_with_the_same_packets) {
  folder_.ffmpeg(GetParam().line);
  const auto bytes = folder_.read("a.webm");
  const auto init = parse_webm_init(bytes);
  ASSERT_TRUE(init) << init.error().message;
  const auto segment = demux_webm(*init, bytes);
  ASSERT_TRUE(segment) << segment.error().message;
  const auto offset = -earliest(*segment);
  ASSERT_TRUE(write_matroska(folder_.file("b.mkv"), *segment, offset));
  const auto moved = std::chrono::duration<double>(offset).count();
  for (const auto& track : segment->tracks) {
    const char kind = track.kind == TrackKind::video ? 'v' : 'a';
    expect_same_packets(kind, moved);
    constexpr std::string_view kFields = "codec_name,width,height,sample_rate,channels,sample_aspect_ratio";
    EXPECT_EQ(probe_stream(folder_.file("b.mkv"), kind, kFields), probe_stream(folder_.file("a.webm"), kind, kFields));
  }
  expect_sound(folder_.file("b.mkv"));
}

INSTANTIATE_TEST_SUITE_P(
    Streams, WebmOracle,
    testing::Values(Case{"vp9_and_opus", fmt::format("{} {} {} -c:a libopus a.webm", kPicture, kSound, kVp9)},
                    Case{"vp9_live", fmt::format("{} {} -live 1 -f webm a.webm", kPicture, kVp9)},
                    Case{"vp9_dash", fmt::format("{} {} -dash 1 -f webm a.webm", kPicture, kVp9)},
                    Case{"av1", fmt::format("{} {} a.webm", kPicture, kAv1)},
                    Case{"opus_5_1", fmt::format("{} -ac 6 -c:a libopus a.webm", kSound)},
                    Case{"vp9_anamorphic", fmt::format("{} -vf setsar=4/3 {} a.webm", kPicture, kVp9)}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace aircheck::media
