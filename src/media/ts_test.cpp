#include "media/ts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "media/ts_testing.hpp"

namespace aircheck::media {
namespace {

using testing::HasSubstr;

constexpr std::uint64_t kSecond = 90'000;
constexpr std::uint64_t kWrap = std::uint64_t{1} << 33;

std::vector<TsEntry> video_and_sound() { return {{kVideoPid, 0x1b}, {kAudioPid, 0x0f}}; }

DemuxedSegment demux(ByteView segment, TsState& state) {
  auto result = demux_ts(segment, state);
  EXPECT_TRUE(result) << result.error().message;
  return result ? std::move(*result) : DemuxedSegment{};
}

DemuxedSegment demux(ByteView segment) {
  TsState state;
  return demux(segment, state);
}

Error refusal(ByteView segment) {
  TsState state;
  const auto result = demux_ts(segment, state);
  EXPECT_FALSE(result);
  return result ? Error{} : result.error();
}

std::vector<nanoseconds> times_of(const DemuxedSegment& segment, std::uint32_t track) {
  std::vector<nanoseconds> out;
  for (const auto& packet : segment.packets)
    if (packet.track == track) out.push_back(packet.pts);
  return out;
}

TEST(Ts, puts_video_first_and_packets_by_dts) {
  TsBuilder builder;
  builder.tables({{kAudioPid, 0x0f}, {kVideoPid, 0x1b}});
  builder.pes(kAudioPid, kSecond, {}, make_adts(200));
  builder.pes(kVideoPid, kSecond + 6'000, kSecond, make_picture(true, 1000));
  builder.pes(kVideoPid, kSecond + 3'000, kSecond + 3'000, make_picture(false, 500));
  builder.pes(kAudioPid, kSecond + 1'920, {}, make_adts(200));
  const auto segment = demux(builder.bytes);
  ASSERT_EQ(segment.tracks.size(), 2u);
  EXPECT_EQ(segment.tracks[0].codec, Codec::h264);
  EXPECT_EQ(segment.tracks[0].id, kVideoPid);
  EXPECT_EQ(segment.tracks[1].codec, Codec::aac);
  std::vector<std::uint32_t> order;
  for (const auto& packet : segment.packets) order.push_back(packet.track);
  EXPECT_EQ(order, (std::vector<std::uint32_t>{0, 1, 1, 0}));
  EXPECT_TRUE(segment.packets[0].key);
  EXPECT_FALSE(segment.packets[3].key);
  EXPECT_EQ(segment.packets[0].pts - segment.packets[0].dts, nanoseconds{66'666'667});
}

TEST(Ts, replaces_start_codes_by_lengths) {
  TsBuilder builder;
  builder.tables(video_and_sound());
  const auto slice = make_slice(true, 700);
  builder.pes(kVideoPid, kSecond, {}, annex_b({bytes_of({0x09, 0xf0}), kTestSps, kTestPps, slice}));
  const auto segment = demux(builder.bytes);
  Bytes expected;
  ByteWriter writer(expected);
  for (const auto& nal : {bytes_of({0x09, 0xf0}), kTestSps, kTestPps, slice}) {
    writer.u32(static_cast<std::uint32_t>(nal.size()));
    writer.raw(nal);
  }
  ASSERT_EQ(segment.packets.size(), 1u);
  EXPECT_TRUE(std::ranges::equal(segment.packets[0].data, expected));
}

// Start codes at every place of a packet, and long and short ones: whatever the cut, the same comes out.
TEST(Ts, finds_start_codes_across_packets) {
  for (std::size_t size = 150; size < 400; ++size) {
    TsBuilder builder;
    builder.tables(video_and_sound());
    const std::vector<Bytes> nals{kTestSps, kTestPps, make_slice(true, size), bytes_of({0x41, 0x11, 0x22, 0x80}),
                                  bytes_of({0x41, 0x08, 0x22, 0x80})};
    builder.pes(kVideoPid, kSecond, {}, annex_b(nals));
    const auto segment = demux(builder.bytes);
    std::size_t total = 0;
    for (const auto& nal : nals) total += 4 + nal.size();
    ASSERT_EQ(segment.packets.size(), 1u) << size;
    ASSERT_EQ(segment.packets[0].data.size(), total) << size;
  }
}

TEST(Ts, cuts_pictures_that_share_a_pes_packet) {
  TsBuilder builder;
  builder.tables(video_and_sound());
  auto pictures = make_picture(true, 300);
  append(pictures, make_picture(false, 300));
  builder.pes(kVideoPid, kSecond, {}, pictures);
  builder.pes(kVideoPid, kSecond + 6'000, {}, make_picture(false, 300));
  const auto times = times_of(demux(builder.bytes), 0);
  EXPECT_EQ(times, (std::vector<nanoseconds>{seconds{1}, from_90khz(kSecond + 3'000), from_90khz(kSecond + 6'000)}));
}

TEST(Ts, joins_a_picture_that_spans_pes_packets) {
  TsBuilder builder;
  builder.tables(video_and_sound());
  const auto picture = make_picture(true, 900);
  builder.pes(kVideoPid, kSecond, {}, ByteView(picture).first(400));
  builder.pes(kVideoPid, {}, {}, ByteView(picture).subspan(400));
  builder.pes(kVideoPid, kSecond + 3'000, {}, make_picture(false, 300));
  const auto segment = demux(builder.bytes);
  ASSERT_EQ(segment.packets.size(), 2u);
  EXPECT_EQ(segment.packets[0].data.size(), picture.size() + 1);  // one start code had three bytes
}

TEST(Ts, counts_a_recovery_point_as_key) {
  TsBuilder builder;
  builder.tables(video_and_sound());
  builder.pes(kVideoPid, kSecond, {}, make_picture(true, 300));
  builder.pes(kVideoPid, kSecond + 3'000, {}, make_picture(false, 300));
  builder.pes(kVideoPid, kSecond + 6'000, {},
              annex_b({bytes_of({0x06, 0x06, 0x01, 0xc4, 0x80}), make_slice(false, 300)}));
  const auto segment = demux(builder.bytes);
  ASSERT_EQ(segment.packets.size(), 3u);
  EXPECT_FALSE(segment.packets[1].key);
  EXPECT_TRUE(segment.packets[2].key);
}

TEST(Ts, goes_on_across_the_clocks_wrap) {
  TsBuilder builder;
  builder.tables(video_and_sound());
  for (const auto time : {kWrap - 6'000, kWrap - 3'000, kWrap, kWrap + 3'000})
    builder.pes(kVideoPid, (time + 6'000) % kWrap, time % kWrap, make_picture(time < kWrap - 3'000, 300));
  const auto segment = demux(builder.bytes);
  ASSERT_EQ(segment.packets.size(), 4u);
  for (std::size_t i = 1; i < 4; ++i) EXPECT_GT(segment.packets[i].dts, segment.packets[i - 1].dts);
  EXPECT_EQ(segment.packets[3].pts, from_90khz(static_cast<std::int64_t>(kWrap) + 9'000));
}

TEST(Ts, unwraps_to_what_is_nearest_to_the_segment_before) {
  const auto at = [](std::uint64_t time) {
    TsBuilder builder;
    builder.tables(video_and_sound());
    builder.pes(kVideoPid, time, {}, make_picture(true, 300));
    return builder.bytes;
  };
  TsState state;
  demux(at(kWrap - 100), state);
  auto restored = TsState::from_text(state.to_text());
  ASSERT_TRUE(restored);
  EXPECT_EQ(demux(at(50), *restored).packets[0].pts, from_90khz(static_cast<std::int64_t>(kWrap) + 50));
  restored->near = from_90khz(static_cast<std::int64_t>(3 * kWrap));
  EXPECT_EQ(demux(at(kWrap - 90), *restored).packets[0].pts, from_90khz(static_cast<std::int64_t>(3 * kWrap) - 90));
}

TEST(Ts, times_sound_without_drift) {
  TsBuilder builder;
  builder.tables(video_and_sound());
  Bytes frames;
  for (int i = 0; i < 47; ++i) append(frames, make_adts(60));
  builder.pes(kAudioPid, kSecond, {}, frames);
  const auto times = times_of(demux(builder.bytes), 0);
  ASSERT_EQ(times.size(), 47u);
  EXPECT_EQ(times[1], seconds{1} + nanoseconds{21'333'333});
  EXPECT_EQ(times[45], seconds{1} + milliseconds{960});
}

TEST(Ts, joins_sound_frames_that_straddle_pes_packets) {
  TsBuilder builder;
  builder.tables(video_and_sound());
  auto frames = make_adts(300);
  append(frames, make_adts(300));
  builder.pes(kAudioPid, kSecond, {}, ByteView(frames).first(450));
  builder.pes(kAudioPid, kSecond + 2 * 1'920, {}, [&] {
    Bytes rest(frames.begin() + 450, frames.end());
    append(rest, make_adts(200));
    return rest;
  }());
  const auto segment = demux(builder.bytes);
  EXPECT_EQ(times_of(segment, 0),
            (std::vector<nanoseconds>{seconds{1}, from_90khz(kSecond + 1'920), from_90khz(kSecond + 2 * 1'920)}));
  EXPECT_EQ(segment.packets[1].data.size(), 293u);
}

// The first half in one segment, the second in the next, which a successor of the process may have to read.
TEST(Ts, joins_sound_frames_that_straddle_segments) {
  const auto frame = make_adts(300);
  TsBuilder first, second;
  first.tables(video_and_sound());
  auto begin = make_adts(300);
  append(begin, ByteView(frame).first(120));
  first.pes(kAudioPid, kSecond, {}, begin);
  second.tables(video_and_sound());
  Bytes rest(frame.begin() + 120, frame.end());
  append(rest, make_adts(300));
  second.pes(kAudioPid, kSecond + 2 * 1'920, {}, rest);
  TsState state;
  EXPECT_EQ(demux(first.bytes, state).packets.size(), 1u);
  auto restored = TsState::from_text(state.to_text());
  ASSERT_TRUE(restored);
  EXPECT_EQ(restored->streams, state.streams);
  const auto segment = demux(second.bytes, *restored);
  EXPECT_EQ(times_of(segment, 0),
            (std::vector<nanoseconds>{from_90khz(kSecond + 1'920), from_90khz(kSecond + 2 * 1'920)}));
  EXPECT_EQ(restored->damage, 0u);
}

TEST(Ts, drops_half_a_frame_when_a_segment_is_missing) {
  TsState state;
  TsBuilder first, later;
  first.tables(video_and_sound());
  auto begin = make_adts(300);
  append(begin, ByteView(begin).first(120));
  first.pes(kAudioPid, kSecond, {}, begin);
  demux(first.bytes, state);
  later.tables(video_and_sound());
  later.pes(kAudioPid, 20 * kSecond, {}, make_adts(200));
  EXPECT_EQ(times_of(demux(later.bytes, state), 0), (std::vector<nanoseconds>{seconds{20}}));
}

TEST(Ts, finds_sound_again_after_garbage) {
  TsBuilder builder;
  builder.tables(video_and_sound());
  auto payload = bytes_of({0xff, 0xf1, 0x00, 0x12, 0x34});
  append(payload, make_adts(200));
  append(payload, make_adts(200));
  builder.pes(kAudioPid, kSecond, {}, payload);
  TsState state;
  EXPECT_EQ(demux(builder.bytes, state).packets.size(), 2u);
  EXPECT_GT(state.damage, 0u);
}

TEST(Ts, uses_the_parameter_sets_of_an_earlier_segment) {
  TsState state;
  TsBuilder first, second;
  first.tables(video_and_sound());
  first.pes(kVideoPid, kSecond, {}, make_picture(true, 300));
  const auto tracks = demux(first.bytes, state).tracks;
  second.tables(video_and_sound());
  second.pes(kVideoPid, kSecond + 3'000, {}, make_picture(false, 300));
  EXPECT_EQ(refusal(second.bytes).kind, ErrorKind::corrupt);
  EXPECT_EQ(demux(second.bytes, state).tracks[0].codec_private, tracks[0].codec_private);
}

TEST(Ts, reads_tables_that_come_late_or_not_at_all) {
  TsBuilder late;
  late.pes(kVideoPid, kSecond, {}, make_picture(true, 300));
  EXPECT_THAT(refusal(late.bytes).message, HasSubstr("PMT"));
  late.tables(video_and_sound());
  TsState state;
  EXPECT_EQ(demux(late.bytes, state).packets.size(), 1u);
  TsBuilder without;
  without.pes(kVideoPid, kSecond + 3'000, {}, make_picture(true, 300));
  EXPECT_EQ(demux(without.bytes, state).packets.size(), 1u);
}

TEST(Ts, ignores_tables_with_a_wrong_checksum) {
  TsBuilder builder;
  auto table = TsBuilder::table(0, 1, {0, 1, 0xff, 0xff});
  table.back() ^= std::byte{1};
  builder.section(0, table);
  builder.tables(video_and_sound());
  builder.pes(kVideoPid, kSecond, {}, make_picture(true, 300));
  EXPECT_EQ(demux(builder.bytes).packets.size(), 1u);
}

TEST(Ts, takes_the_pictures_size_and_rate_from_its_parameter_sets) {
  const auto track = demux(make_live_segment(1'000, 30)).tracks[0];
  EXPECT_EQ(track.width, 320u);
  EXPECT_EQ(track.height, 180u);
  EXPECT_EQ(track.display_width, 0u);
  EXPECT_EQ(track.default_duration, nanoseconds{33'333'333});
}

TEST(Ts, gives_no_frame_duration_where_frames_are_uneven) {
  TsBuilder builder;
  builder.tables(video_and_sound());
  for (const auto time : {0, 3'000, 6'060, 9'000})
    builder.pes(kVideoPid, kSecond + static_cast<std::uint64_t>(time), {}, make_picture(time == 0, 300));
  EXPECT_EQ(demux(builder.bytes).tracks[0].default_duration, nanoseconds{0});
}

// ---- damage ---------------------------------------------------------------------------------------------------------

class TsDamage : public testing::Test {
 protected:
  Bytes segment_ = make_live_segment(3'000, 10);
  TsState state_;
  void drop(std::size_t packet) {
    const auto at = segment_.begin() + static_cast<std::ptrdiff_t>(packet * kTsPacketSize);
    segment_.erase(at, at + kTsPacketSize);
  }
};

TEST_F(TsDamage, is_none_in_a_whole_segment) {
  EXPECT_EQ(demux(segment_, state_).packets.size(), 10u + 16u);
  EXPECT_EQ(state_.damage, 0u);
}

TEST_F(TsDamage, counts_a_missing_packet) {
  drop(5);
  demux(segment_, state_);
  EXPECT_EQ(state_.damage, 1u);
}

TEST_F(TsDamage, forgives_a_packet_sent_twice) {
  const Bytes twice(segment_.begin() + 5 * 188, segment_.begin() + 6 * 188);
  segment_.insert(segment_.begin() + 6 * 188, twice.begin(), twice.end());
  EXPECT_EQ(demux(segment_, state_).packets.size(), 10u + 16u);
  EXPECT_EQ(state_.damage, 0u);
}

TEST_F(TsDamage, forgives_null_packets_and_counters_that_begin_anew) {
  demux(segment_, state_);
  TsBuilder padding;
  padding.packet(0x1fff, false, Bytes(184));
  segment_.insert(segment_.begin() + 188, padding.bytes.begin(), padding.bytes.end());
  demux(segment_, state_);
  EXPECT_EQ(state_.damage, 0u);
}

TEST_F(TsDamage, finds_the_packets_again) {
  segment_.insert(segment_.begin() + 10 * 188, 77, std::byte{0});
  EXPECT_EQ(demux(segment_, state_).packets.size(), 10u + 16u);
  EXPECT_EQ(state_.damage, 1u);
}

TEST_F(TsDamage, counts_a_last_packet_that_is_cut_off) {
  segment_.resize(segment_.size() - 50);
  demux(segment_, state_);
  EXPECT_GE(state_.damage, 1u);
}

TEST_F(TsDamage, counts_what_the_sender_marks) {
  segment_[6 * 188 + 1] |= std::byte{0x80};
  demux(segment_, state_);
  EXPECT_GE(state_.damage, 1u);
}

TEST_F(TsDamage, counts_sound_that_ends_before_its_announced_length) {
  TsBuilder builder;
  builder.tables(video_and_sound());
  builder.pes(kVideoPid, kSecond, {}, make_picture(true, 300));
  builder.pes(kAudioPid, kSecond, {}, make_adts(900), true);
  builder.bytes.resize(builder.bytes.size() - 188);
  demux(builder.bytes, state_);
  EXPECT_EQ(state_.damage, 1u);
}

TEST_F(TsDamage, leaves_the_state_untouched_on_errors) {
  demux(segment_, state_);
  const auto before = state_.to_text();
  EXPECT_FALSE(demux_ts(as_bytes("<html>"), state_));
  EXPECT_EQ(state_.to_text(), before);
}

TEST(TsRefusal, says_why) {
  EXPECT_EQ(refusal({}).kind, ErrorKind::corrupt);
  EXPECT_EQ(refusal(as_bytes(std::string(1000, 'x'))).kind, ErrorKind::corrupt);
  TsBuilder empty;
  empty.tables(video_and_sound());
  EXPECT_THAT(refusal(empty.bytes).message, HasSubstr("no complete picture"));
  TsBuilder scrambled;
  scrambled.tables(video_and_sound());
  scrambled.scrambled = true;
  scrambled.pes(kVideoPid, kSecond, {}, make_picture(true, 300));
  EXPECT_EQ(refusal(scrambled.bytes).kind, ErrorKind::unsupported);
  TsBuilder latm;
  latm.tables({{kAudioPid, 0x11}});
  EXPECT_EQ(refusal(latm.bytes).kind, ErrorKind::unsupported);
  EXPECT_THAT(refusal(latm.bytes).message, HasSubstr("LATM"));
}

TEST(TsRefusal, names_streams_that_are_left_out) {
  TsBuilder builder;
  builder.tables({{kVideoPid, 0x1b}, {kAudioPid, 0x11}, {0x102, 0x15}});
  builder.pes(kVideoPid, kSecond, {}, make_picture(true, 300));
  TsState state;
  EXPECT_EQ(demux(builder.bytes, state).tracks.size(), 1u);
  EXPECT_THAT(state.left_out, testing::ElementsAre("AAC in LATM"));
}

// ---- state ----------------------------------------------------------------------------------------------------------

TEST(TsState, survives_being_written_down) {
  TsState state;
  state.near = nanoseconds{-12'345};
  state.streams = {{.pid = 256, .type = 0x1b, .config = bytes_of({1, 0x64, 0, 0xff})},
                   {.pid = 257, .type = 0x0f, .carry = bytes_of({0xff, 0xf1}), .carry_time = milliseconds{7}}};
  const auto text = state.to_text();
  EXPECT_EQ(text, "ts1 -12345 256:27:016400ff:-:- 257:15:-:fff1:7000000");
  const auto restored = TsState::from_text(text);
  ASSERT_TRUE(restored);
  EXPECT_EQ(restored->near, state.near);
  EXPECT_EQ(restored->streams, state.streams);
}

TEST(TsState, is_new_for_an_empty_text) {
  EXPECT_FALSE(TsState::from_text("")->near);
  EXPECT_EQ(TsState::from_text(TsState{}.to_text())->to_text(), TsState{}.to_text());
}

TEST(TsState, refuses_what_it_has_not_written) {
  for (const auto* const text : {"x", "ts1", "ts2 -", "ts1 12x", "ts1 9223372036854775807", "ts1 - 9000:27:-:-:-",
                                 "ts1 - 1:27:0:-:-", "ts1 - 1:27:zz:-:-", "ts1 - 1:2:-:-:-", "ts1 - 1:27"})
    EXPECT_FALSE(TsState::from_text(text)) << text;
}

}  // namespace
}  // namespace aircheck::media
