// Files as they look while they grow, after a kill, and once they are finished, to FFmpeg and MKVToolNix.
#include <gmock/gmock.h>

#include "media/fmp4.hpp"
#include "media/mkv_testing.hpp"

namespace aircheck::media {
namespace {

// Ten seconds of 25 pictures each, a key frame every two, and sound.
class MkvFile : public testing::Test {
 protected:
  MkvFile() {
    folder_.ffmpeg(
        "-f lavfi -i testsrc2=size=320x180:rate=25:duration=10 -f lavfi -i sine=440:sample_rate=48000:duration=10 "
        "-c:v libx264 -preset veryfast -bf 2 -g 50 -c:a aac -movflags +frag_keyframe+empty_moov+default_base_moof "
        "-f mp4 a.mp4");
    bytes_ = folder_.read("a.mp4");
    segment_ = demux_fmp4(parse_fmp4_init(bytes_).value(), bytes_).value();
    muxed_ = mux_clusters(segment_.packets, -earliest(segment_), kTestHead, segment_.tracks).value();
  }

  // With the head of a file that is not finished, and without its last bytes.
  std::filesystem::path write_growing(std::uint64_t missing) const {
    const auto path = folder_.file("growing.mkv");
    std::ofstream out(path, std::ios::binary);
    append_to(out, make_head({.writing_app = "test"}, segment_.tracks, {}, kTestHead).value());
    for (const auto piece : muxed_.pieces) append_to(out, piece);
    out.close();
    std::filesystem::resize_file(path, std::filesystem::file_size(path) - missing);
    return path;
  }

  std::filesystem::path write_finished() const {
    write_file(folder_.file("b.mkv"), segment_.tracks, {&muxed_});
    return folder_.file("b.mkv");
  }

  OracleFolder folder_;
  Bytes bytes_;
  DemuxedSegment segment_;
  MuxedPackets muxed_;
};

std::string mkvmerge_about(const std::filesystem::path& path) { return run_oracle("mkvmerge -J " + path.string()); }

TEST_F(MkvFile, plays_while_it_grows) {
  const auto path = write_growing(0);
  EXPECT_EQ(probe_packets(path, 'v').size(), 250u);
  EXPECT_EQ(run_oracle(fmt::format("ffmpeg -nostdin -v warning -xerror -i {} -f null -", path.string())), "");
  EXPECT_THAT(mkvmerge_about(path), testing::HasSubstr("\"errors\": []"));
}

TEST_F(MkvFile, plays_up_to_where_a_kill_left_it) {
  const auto path = write_growing(muxed_.bytes / 4);
  const auto packets = probe_packets(path, 'v');
  EXPECT_GT(packets.size(), 150u);
  EXPECT_LT(packets.size(), 250u);
  EXPECT_THAT(mkvmerge_about(path), testing::HasSubstr("\"errors\": []"));
}

TEST_F(MkvFile, has_its_duration_and_cues_in_front_once_finished) {
  const auto path = write_finished();
  expect_sound(path);
  const auto about = mkvmerge_about(path);
  EXPECT_THAT(about, testing::HasSubstr("\"title\": \"a title\""));
  const auto seconds =
      std::atof(run_oracle("ffprobe -v error -show_entries format=duration -of csv=p=0 " + path.string()).c_str());
  EXPECT_NEAR(seconds, std::chrono::duration<double>(muxed_.end).count(), 0.001);
  const auto head = folder_.read("b.mkv");
  const auto segment = find_elements(head, ebml::kSegment).at(0);
  const auto cues = find_elements(segment.body, ebml::kCues).at(0),
             cluster = find_elements(segment.body, ebml::kCluster).at(0);
  EXPECT_LT(cues.offset, cluster.offset);
  EXPECT_EQ(muxed_.cues.size(), 5u);
}

TEST_F(MkvFile, seeks_to_the_key_frame_before) {
  const auto path = write_finished();
  const auto first = run_oracle(fmt::format(
      "ffprobe -v error -select_streams v -read_intervals 7%+#1 -show_entries packet=pts_time,flags -of csv=p=0 {}",
      path.string()));
  // The picture begins when the sound, which has a frame of priming, is 21 ms old.
  const auto start = std::chrono::duration<double>(segment_.packets.front().pts - earliest(segment_)).count();
  EXPECT_NEAR(std::atof(first.c_str()), 6.0, 0.15 + start) << first;
  EXPECT_THAT(first, testing::HasSubstr(",K"));
}

TEST_F(MkvFile, becomes_the_same_out_of_pieces) {
  // Cut at a key frame, as segments are: the second half goes where the first ended.
  const std::span<const Packet> all(segment_.packets);
  std::size_t cut = all.size() / 2;
  while (!(all[cut].key && all[cut].track == 0)) ++cut;
  const auto offset = -earliest(segment_);
  const auto first = mux_clusters(all.first(cut), offset, kTestHead, segment_.tracks);
  const auto second = mux_clusters(all.subspan(cut), offset, kTestHead + first->bytes, segment_.tracks);
  write_file(folder_.file("pieces.mkv"), segment_.tracks, {&*first, &*second});
  write_finished();
  EXPECT_EQ(folder_.read("pieces.mkv"), folder_.read("b.mkv"));
}

}  // namespace
}  // namespace aircheck::media
