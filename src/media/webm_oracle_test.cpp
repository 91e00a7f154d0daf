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

class WebmOracle : public testing::TestWithParam<Case> {};

TEST_P(WebmOracle, becomes_matroska_with_the_same_packets) {
  const OracleFolder folder;
  folder.ffmpeg(GetParam().line);
  const auto bytes = folder.read("a.webm");
  const auto init = parse_webm_init(bytes);
  ASSERT_TRUE(init) << init.error().message;
  const auto segment = demux_webm(*init, bytes);
  ASSERT_TRUE(segment) << segment.error().message;
  expect_same_in_matroska(folder, "a.webm", *segment, 0.001);
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
