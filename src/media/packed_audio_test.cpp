#include "media/packed_audio.hpp"

#include <gtest/gtest.h>

#include "media/id3.hpp"
#include "media/oracle_testing.hpp"
#include "media/ts_testing.hpp"

namespace aircheck::media {
namespace {

constexpr std::string_view kOwner{"com.apple.streaming.transportStreamTimestamp\0", 45};

// A tag with another frame before the timestamp's, as some packagers write.
Bytes id3(std::uint64_t time) {
  Bytes frames;
  ByteWriter writer(frames);
  writer.text("TIT2");
  writer.u32(3);
  writer.u16(0);
  writer.text("abc");
  writer.text("PRIV");
  writer.u32(static_cast<std::uint32_t>(kOwner.size() + 8));
  writer.u16(0);
  writer.text(kOwner);
  writer.u64(time);
  Bytes out;
  ByteWriter tag(out);
  tag.text("ID3");
  tag.u8(4);
  tag.u16(0);
  tag.u32(static_cast<std::uint32_t>(frames.size()));  // below 128: the same with seven bits a byte
  tag.raw(frames);
  return out;
}

Bytes segment_at(std::uint64_t time, int frames) {
  auto out = id3(time);
  for (int i = 0; i < frames; ++i) append(out, make_adts(100));
  return out;
}

TEST(Id3, reads_the_timestamp) {
  const auto tag = parse_id3(id3(0x1'2345'6789));
  ASSERT_TRUE(tag);
  EXPECT_EQ(tag->timestamp, 0x1'2345'6789u);
  EXPECT_EQ(tag->size, id3(0).size());
}

TEST(Id3, is_none_elsewhere_and_bounded_when_cut_off) {
  EXPECT_FALSE(parse_id3(make_adts(100)));
  const auto whole = id3(5);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto tag = parse_id3(ByteView(whole).first(size));
    EXPECT_FALSE(tag && tag->timestamp) << size;
  }
}

TEST(PackedAudio, begins_at_the_tags_time) {
  TsState state;
  const auto segment = demux_packed_audio(segment_at(90'000, 3), state);
  ASSERT_TRUE(segment) << segment.error().message;
  ASSERT_EQ(segment->packets.size(), 3u);
  EXPECT_EQ(segment->packets[0].pts, seconds{1});
  EXPECT_EQ(segment->packets[2].pts, seconds{1} + nanoseconds{42'666'667});
  EXPECT_EQ(segment->packets[0].data.size(), 93u);
  EXPECT_EQ(segment->tracks[0].codec_private, bytes_of({0x11, 0x90}));
  EXPECT_EQ(state.damage, 0u);
}

TEST(PackedAudio, unwraps_the_clock) {
  TsState state;
  constexpr std::uint64_t kWrap = std::uint64_t{1} << 33;
  ASSERT_TRUE(demux_packed_audio(segment_at(kWrap - 1'920, 1), state));
  auto restored = TsState::from_text(state.to_text());
  ASSERT_TRUE(restored);
  const auto next = demux_packed_audio(segment_at(0, 1), *restored);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->packets[0].pts, from_90khz(static_cast<std::int64_t>(kWrap)));
}

TEST(PackedAudio, goes_on_without_a_tag) {
  TsState state;
  ASSERT_TRUE(demux_packed_audio(segment_at(90'000, 3), state));
  const auto next = demux_packed_audio(make_adts(100), state);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->packets[0].pts, seconds{1} + milliseconds{64});
}

TEST(PackedAudio, refuses_what_holds_no_sound) {
  TsState state;
  EXPECT_EQ(demux_packed_audio(id3(1), state).error().kind, ErrorKind::corrupt);
  EXPECT_EQ(demux_packed_audio(as_bytes("hello, this is no sound"), state).error().kind, ErrorKind::corrupt);
}

TEST(PackedAudioOracle, cuts_frames_as_ffmpeg_does) {
  const OracleFolder folder;
  folder.ffmpeg("-f lavfi -i sine=440:sample_rate=44100:duration=3 -c:a aac a.aac");
  folder.ffmpeg("-i a.aac -c copy a.mkv");
  folder.ffmpeg(
      "-f lavfi -i sine=440:sample_rate=48000:duration=3 -c:a libmp3lame -id3v2_version 0 -write_xing 0 a.mp3");
  for (const auto* const name : {"a.aac", "a.mp3"}) {
    const auto expected = probe_packets(folder.file(name == std::string_view("a.aac") ? "a.mkv" : name), 'a');
    const auto bytes = folder.read(name);
    TsState state;
    const auto segment = demux_packed_audio(bytes, state);
    ASSERT_TRUE(segment) << segment.error().message;
    ASSERT_EQ(segment->packets.size(), expected.size()) << name;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      ASSERT_EQ(md5_of(segment->packets[i].data), expected[i].md5) << name << " " << i;
      ASSERT_NEAR(std::chrono::duration<double>(segment->packets[i].pts).count(), expected[i].pts, 0.001)
          << name << " " << i;
    }
  }
}

}  // namespace
}  // namespace aircheck::media
