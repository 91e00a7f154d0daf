// Streams made by FFmpeg, cut while they come in: together the segments hold what the whole does.
#include "media/stream_splitter.hpp"

#include <gmock/gmock.h>

#include <map>

#include "media/fmp4.hpp"
#include "media/fmp4_testing.hpp"
#include "media/oracle_testing.hpp"
#include "media/ts.hpp"
#include "media/webm.hpp"

namespace aircheck::media {
namespace {

using testing::HasSubstr;

constexpr std::string_view kPicture = "-f lavfi -i testsrc2=size=320x180:rate=30:duration=4";
constexpr std::string_view kSound = "-f lavfi -i sine=440:sample_rate=48000:duration=4";
constexpr std::string_view kH264 = "-c:v libx264 -preset ultrafast -bf 2 -g 30 -keyint_min 30 -sc_threshold 0";

std::vector<Bytes> split(const Bytes& stream, std::size_t step) {
  StreamSplitter splitter;
  std::vector<Bytes> out;
  for (std::size_t at = 0; at < stream.size(); at += step) {
    const auto pushed = splitter.push(ByteView(stream).subspan(at, std::min(step, stream.size() - at)));
    EXPECT_TRUE(pushed) << pushed.error().message;
    while (auto segment = splitter.next()) out.push_back(std::move(*segment));
  }
  splitter.finish();
  while (auto segment = splitter.next()) out.push_back(std::move(*segment));
  return out;
}

Result<DemuxedSegment> demux(const Bytes& segment, TsState& state) {
  if (sniff(segment) == Container::ts) return demux_ts(segment, state);
  if (sniff(segment) == Container::webm) return demux_webm(TRY(parse_webm_init(segment)), segment);
  return demux_fmp4(TRY(parse_fmp4_init(segment)), segment);
}

using Packets = std::map<TrackKind, std::vector<std::string>>;

Packets packets_of(const std::vector<Bytes>& segments) {
  Packets out;
  TsState state;
  for (const auto& segment : segments) {
    const auto demuxed = demux(segment, state);
    EXPECT_TRUE(demuxed) << demuxed.error().message;
    if (!demuxed) continue;
    for (const auto& packet : demuxed->packets)
      out[demuxed->tracks[packet.track].kind].push_back(
          fmt::format("{} {} {} {}", packet.pts.count(), packet.dts.count(), packet.key, md5_of(packet.data)));
  }
  return out;
}

struct Case {
  std::string name, line, file;
  std::size_t segments;  // at least
  friend void PrintTo(const Case& test, std::ostream* out) { *out << test.line; }
};

class SplitStream : public testing::TestWithParam<Case> {};

TEST_P(SplitStream, holds_what_the_whole_does) {
  const OracleFolder folder;
  folder.ffmpeg(GetParam().line + " " + GetParam().file);
  const auto stream = folder.read(GetParam().file);
  const auto whole = packets_of({stream});
  ASSERT_FALSE(whole.empty());
  for (const std::size_t step : {std::size_t{1'000}, std::size_t{65'536}, stream.size()}) {
    const auto segments = split(stream, step);
    EXPECT_GE(segments.size(), GetParam().segments) << step;
    EXPECT_EQ(packets_of(segments), whole) << step;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Streams, SplitStream,
    testing::Values(
        Case{"ts", fmt::format("{} {} {} -c:a aac", kPicture, kSound, kH264), "a.ts", 4},
        Case{"ts_sound", fmt::format("{} -b:a 384k -c:a aac", kSound), "a.ts", 2},
        Case{"fmp4", fmt::format("{} {} {} -c:a aac -movflags frag_keyframe+empty_moov", kPicture, kSound, kH264),
             "a.mp4", 4},
        Case{"webm_live", fmt::format("{} -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 30 -live 1", kPicture),
             "a.webm", 4},
        Case{"webm_dash",
             fmt::format(
                 "{} {} -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 30 -c:a libopus -cluster_time_limit 1000",
                 kPicture, kSound),
             "a.webm", 4}),
    [](const auto& test) { return test.param.name; });

Error refusal(const Bytes& stream) {
  StreamSplitter splitter;
  auto pushed = splitter.push(stream);
  while (pushed && stream.size() < 4096) pushed = splitter.push(stream);
  return pushed ? Error{} : pushed.error();
}

TEST(StreamSplitter, says_what_it_cannot_cut) {
  const auto flv = refusal(raw_text("FLV\x01") + zeroes(5'000));
  EXPECT_EQ(flv.kind, ErrorKind::unsupported);
  EXPECT_THAT(flv.message, HasSubstr("MPEG-TS"));
  const auto page = refusal(raw_text("<html>") + zeroes(5'000));
  EXPECT_EQ(page.kind, ErrorKind::unsupported);
}

TEST(StreamSplitter, does_not_wait_for_the_end_of_a_plain_mp4) {
  const auto head = make_box("ftyp", raw_text("isom") + u32(0));
  const auto endless = head + u32(0x7fffffff) + raw_text("mdat") + zeroes(5'000);
  EXPECT_EQ(refusal(endless).kind, ErrorKind::unsupported);
  EXPECT_THAT(refusal(endless).message, HasSubstr("not fragmented"));
  EXPECT_EQ(refusal(head + u32(0) + raw_text("mdat") + zeroes(5'000)).kind, ErrorKind::unsupported);
}

TEST(StreamSplitter, has_nothing_of_nothing) {
  StreamSplitter splitter;
  splitter.finish();
  EXPECT_FALSE(splitter.next());
}

}  // namespace
}  // namespace aircheck::media
