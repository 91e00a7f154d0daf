// From fragmented MP4 to Matroska against FFmpeg and MKVToolNix: the same packets at the same times, to the millisecond.
#include <algorithm>
#include <cmath>

#include "media/fmp4.hpp"
#include "media/mkv_testing.hpp"
#include "media/oracle_testing.hpp"
#include "media/track_change.hpp"

namespace aircheck::media {
namespace {

constexpr std::string_view kSound = "-f lavfi -i sine=440:sample_rate=48000:duration=4";
constexpr std::string_view kFragments = "-movflags +frag_keyframe+empty_moov+default_base_moof -f mp4 a.mp4";

std::string picture(std::string_view rate, int seconds = 4) {
  return fmt::format("-f lavfi -i testsrc2=size=320x180:rate={}:duration={}", rate, seconds);
}

struct Case {
  std::string name, input, output;
  std::string flags{kFragments};
  double oracle_late = 0;  // by how much FFmpeg's times are behind the standard's, seconds
  friend void PrintTo(const Case& test, std::ostream* out) { *out << test.input << " " << test.output; }
};

class Fmp4Oracle : public testing::TestWithParam<Case> {};

TEST_P(Fmp4Oracle, becomes_matroska_with_the_same_packets) {
  const OracleFolder folder;
  folder.ffmpeg(fmt::format("{} {} {}", GetParam().input, GetParam().output, GetParam().flags));
  const auto bytes = folder.read("a.mp4");
  const auto init = parse_fmp4_init(bytes);
  ASSERT_TRUE(init) << init.error().message;
  const auto segment = demux_fmp4(*init, bytes);
  ASSERT_TRUE(segment) << segment.error().message;
  expect_same_in_matroska(folder, "a.mp4", *segment, 0.000502, GetParam().oracle_late);
}

// Two sections of a recording whose parameter sets differ, which only their init sections say.
TEST(Fmp4ParameterSets, go_on_in_one_file_that_decodes) {
  const OracleFolder folder;
  std::vector<DemuxedSegment> sections;
  std::vector<Bytes> files;
  for (const auto* options : {"-profile:v high -bf 2", "-profile:v baseline -x264-params ref=1"}) {
    folder.ffmpeg(fmt::format("{} -c:v libx264 -preset veryfast -g 25 {} {}", picture("25", 2), options, kFragments));
    files.push_back(folder.read("a.mp4"));
    const auto init = parse_fmp4_init(files.back());
    ASSERT_TRUE(init);
    auto section = demux_fmp4(*init, files.back());
    ASSERT_TRUE(section);
    sections.push_back(std::move(*section));
  }
  ASSERT_EQ(compare(sections[0].tracks, sections[1].tracks), TrackChange::in_band);
  const Bytes prefix = parameter_sets_prefix(sections[1].tracks[0]);
  const auto offset = -earliest(sections[0]);
  const auto first = mux_clusters(sections[0].packets, offset, kTestHead, sections[0].tracks);
  const auto second = mux_clusters(sections[1].packets, first->end - earliest(sections[1]), kTestHead + first->bytes,
                                   sections[0].tracks, std::span(&prefix, 1));
  ASSERT_TRUE(second);
  write_file(folder.file("b.mkv"), sections[0].tracks, {&*first, &*second});
  expect_sound(folder.file("b.mkv"));
  const auto seek =
      fmt::format("ffmpeg -nostdin -v warning -xerror -ss 3 -i {} -f null -", folder.file("b.mkv").string());
  EXPECT_EQ(run_oracle(seek), "");
  EXPECT_EQ(probe_packets(folder.file("b.mkv"), 'v').size(), 100u);
}

constexpr std::string_view kX264 = "-c:v libx264 -preset veryfast -g 30";

INSTANTIATE_TEST_SUITE_P(
    Streams, Fmp4Oracle,
    testing::Values(
        Case{"avc_with_b_frames", fmt::format("{} {}", picture("30"), kSound), fmt::format("{} -bf 3 -c:a aac", kX264)},
        Case{"avc_59_94", fmt::format("{} {}", picture("60000/1001"), kSound), fmt::format("{} -bf 2 -c:a aac", kX264)},
        Case{"avc_negative_composition", picture("25"), fmt::format("{} -bf 2", kX264),
             "-movflags +frag_keyframe+empty_moov+default_base_moof+negative_cts_offsets -f mp4 a.mp4", 0.04},
        Case{"avc_anamorphic", picture("30"), fmt::format("{} -vf setsar=5/4", kX264)},
        Case{"avc_many_fragments", fmt::format("{} {}", picture("30"), kSound), fmt::format("{} -c:a aac", kX264),
             "-movflags +empty_moov+default_base_moof -frag_duration 200000 -f mp4 a.mp4"},
        Case{"avc_data_offsets_from_the_file", fmt::format("{} {}", picture("30"), kSound),
             fmt::format("{} -c:a aac", kX264), "-movflags +frag_keyframe+empty_moov -f mp4 a.mp4"},
        Case{"avc_offsets_omitted", picture("30"), std::string(kX264),
             "-movflags +frag_keyframe+empty_moov+omit_tfhd_offset+separate_moof -f mp4 a.mp4"},
        Case{"avc_segments_with_sidx", fmt::format("{} {}", picture("30"), kSound),
             fmt::format("{} -bf 2 -c:a aac", kX264), "-movflags +dash+frag_keyframe+empty_moov -f mp4 a.mp4"},
        Case{"hevc_with_b_frames", fmt::format("{} {}", picture("30"), kSound),
             "-c:v libx265 -preset ultrafast -tag:v hvc1 -x265-params log-level=none:bframes=3:keyint=30 -c:a aac"},
        Case{"vp9_and_opus", fmt::format("{} {}", picture("30", 2), kSound),
             "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 30 -c:a libopus -strict -2"},
        Case{"av1_and_opus", fmt::format("{} {}", picture("30", 2), kSound),
             "-c:v libaom-av1 -usage realtime -cpu-used 8 -g 30 -c:a libopus -strict -2"},
        Case{"aac_44100_mono", std::string("-f lavfi -i sine=440:sample_rate=44100:duration=12"), "-c:a aac",
             "-movflags +empty_moov+default_base_moof -frag_duration 2000000 -f mp4 a.mp4"},
        Case{"aac_5_1", std::string(kSound), "-ac 6 -c:a aac",
             "-movflags +empty_moov+default_base_moof -frag_duration 2000000 -f mp4 a.mp4"},
        Case{"mp3", fmt::format("{} {}", picture("25"), kSound), fmt::format("{} -c:a libmp3lame", kX264)},
        Case{"ac3", fmt::format("{} {}", picture("25"), kSound), fmt::format("{} -ac 6 -c:a ac3", kX264),
             "-movflags +frag_keyframe+empty_moov+delay_moov+default_base_moof -f mp4 a.mp4"}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace aircheck::media
