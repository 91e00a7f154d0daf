#include "media/fmp4.hpp"

#include <gmock/gmock.h>

#include <functional>

#include "media/fmp4_testing.hpp"

namespace aircheck::media {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr unsigned kOffset = 0x1, kFirstFlags = 0x4, kDuration = 0x100, kSize = 0x200, kFlags = 0x400,
                   kComposition = 0x800;

Fmp4Init init_of(const Bytes& moov) {
  const auto init = parse_fmp4_init(moov);
  EXPECT_TRUE(init) << init.error().message;
  return init.value_or(Fmp4Init{});
}

// A fragment of one track, whose mdat begins where `run` expects: behind the moof, whatever its size.
Bytes fragment_of(const std::function<Bytes(std::uint32_t data)>& trafs, std::string_view payload) {
  const auto size = make_moof(trafs(0)).size();
  return make_moof(trafs(static_cast<std::uint32_t>(size + 8))) + make_box("mdat", raw_text(payload));
}

// Three samples of a tick's 40 ms: "key", "mid" and "end".
Bytes simple_fragment() {
  return fragment_of(
      [](auto data) {
        const auto run = make_full_box("trun", 0, kOffset | kDuration | kSize | kFlags,
                                       u32(3) + u32(data) + u32(40) + u32(3) + u32(0x2000000) + u32(40) + u32(3) +
                                           u32(0x1010000) + u32(40) + u32(3) + u32(0x1010000));
        return make_traf(make_tfhd(1), 1'000, run);
      },
      "keymidend");
}

std::vector<std::string> payloads(const DemuxedSegment& segment) {
  std::vector<std::string> out;
  for (const auto& packet : segment.packets) out.emplace_back(as_text(packet.data));
  return out;
}

std::vector<std::int64_t> times(const DemuxedSegment& segment) {
  std::vector<std::int64_t> out;
  for (const auto& packet : segment.packets) out.push_back(packet.pts.count() / 1'000'000);
  return out;
}

ErrorKind error_of(const Result<DemuxedSegment>& result) {
  EXPECT_FALSE(result);
  return result ? ErrorKind::internal : result.error().kind;
}

TEST(Fmp4, reads_samples_where_they_are) {
  const auto init = init_of(make_moov({{}}));
  const auto bytes = simple_fragment();
  const auto segment = demux_fmp4(init, bytes);
  ASSERT_TRUE(segment) << segment.error().message;
  EXPECT_THAT(payloads(*segment), ElementsAre("key", "mid", "end"));
  EXPECT_THAT(times(*segment), ElementsAre(1'000, 1'040, 1'080));
  EXPECT_TRUE(segment->packets[0].key);
  EXPECT_FALSE(segment->packets[1].key);
  EXPECT_EQ(segment->packets[2].duration, milliseconds{40});
  EXPECT_GE(segment->packets[0].data.data(), bytes.data());
  EXPECT_TRUE(segment->storage.empty());
}

TEST(Fmp4, calls_every_cut_of_a_fragment_corrupt) {
  const auto init = init_of(make_moov({{}}));
  const auto bytes = simple_fragment();
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_EQ(error_of(demux_fmp4(init, ByteView(bytes).first(size))), ErrorKind::corrupt) << size;
}

TEST(Fmp4, survives_every_cut_of_an_init_section) {
  const auto moov = make_moov({{}, {.id = 2, .handler = "soun", .entry = make_opus_entry(312)}}, make_trex(1, 0, 0, 0));
  for (std::size_t size = 0; size < moov.size(); ++size)
    EXPECT_FALSE(parse_fmp4_init(ByteView(moov).first(size))) << size;
}

TEST(Fmp4, fills_in_defaults_of_trex_and_tfhd) {
  const auto init = init_of(make_moov({{}}, make_trex(1, 20, 5, 0x10000)));
  const auto bytes = fragment_of(
      [](auto data) {
        const auto tfhd = make_full_box("tfhd", 0, 0x20000 | 0x10, u32(1) + u32(3));
        const auto run = make_full_box("trun", 0, kOffset | kFirstFlags, u32(2) + u32(data) + u32(0));
        return make_traf(tfhd, 0, run);
      },
      "keymid");
  const auto segment = demux_fmp4(init, bytes);
  ASSERT_TRUE(segment) << segment.error().message;
  EXPECT_THAT(payloads(*segment), ElementsAre("key", "mid"));
  EXPECT_THAT(times(*segment), ElementsAre(0, 20));
  EXPECT_TRUE(segment->packets[0].key);
  EXPECT_FALSE(segment->packets[1].key);
}

TEST(Fmp4, takes_signed_composition_offsets) {
  const auto init = init_of(make_moov({{}}));
  const auto bytes = fragment_of(
      [](auto data) {
        const auto run = make_full_box(
            "trun", 1, kOffset | kDuration | kSize | kComposition,
            u32(2) + u32(data) + u32(40) + u32(1) + u32(40) + u32(40) + u32(1) + u32(static_cast<std::uint32_t>(-40)));
        return make_traf(make_tfhd(1), 100, run);
      },
      "ab");
  const auto segment = demux_fmp4(init, bytes);
  ASSERT_TRUE(segment);
  EXPECT_THAT(times(*segment), ElementsAre(140, 100));
  EXPECT_EQ(segment->packets[1].dts, milliseconds{140});
}

TEST(Fmp4, honours_edit_lists) {
  const auto skip = make_full_box("elst", 0, 0, u32(1) + u32(0) + u32(80) + u32(0x10000));
  const auto delay = make_full_box(
      "elst", 1, 0, u32(2) + u64(300) + u64(~std::uint64_t{0}) + u32(0x10000) + u64(0) + u64(80) + u32(0x10000));
  EXPECT_EQ(init_of(make_moov({{.edits = skip}})).tracks[0].shift, milliseconds{-80});
  EXPECT_EQ(init_of(make_moov({{.edits = delay}})).tracks[0].shift, milliseconds{420});
  const auto bytes = simple_fragment();
  const auto segment = demux_fmp4(init_of(make_moov({{.edits = skip}})), bytes);
  EXPECT_THAT(times(*segment), ElementsAre(920, 960, 1'000));
}

// No flag says where offsets count from: the second track's data follows the first's.
TEST(Fmp4, lets_tracks_follow_each_other) {
  const auto init = init_of(make_moov({{.id = 5}, {.id = 6, .handler = "soun", .entry = make_opus_entry(0)}}));
  const auto bytes = fragment_of(
      [](auto data) {
        const auto run = make_full_box("trun", 0, kOffset | kSize, u32(1) + u32(data) + u32(3));
        const auto next = make_full_box("trun", 0, kSize, u32(1) + u32(3));
        return make_traf(make_full_box("tfhd", 0, 0, u32(5)), 0, run) +
               make_traf(make_full_box("tfhd", 0, 0, u32(6)), 0, next);
      },
      "onetwo");
  const auto segment = demux_fmp4(init, bytes);
  ASSERT_TRUE(segment) << segment.error().message;
  EXPECT_THAT(payloads(*segment), ElementsAre("one", "two"));
  EXPECT_EQ(segment->packets[1].track, 1u);
}

TEST(Fmp4, reads_boxes_with_long_sizes_and_up_to_the_end) {
  const auto init = init_of(make_moov({{}}));
  const auto run = [](std::uint32_t data) {
    return make_moof(
        make_traf(make_tfhd(1), 0, make_full_box("trun", 0, kOffset | kSize, u32(1) + u32(data) + u32(3))));
  };
  const auto size = static_cast<std::uint32_t>(run(0).size());
  const auto long_mdat = run(size + 16) + make_long_box("mdat", raw_text("abc"));
  EXPECT_THAT(payloads(*demux_fmp4(init, long_mdat)), ElementsAre("abc"));
  const auto open_mdat = run(size + 8) + u32(0) + raw_text("mdatabc");
  EXPECT_THAT(payloads(*demux_fmp4(init, open_mdat)), ElementsAre("abc"));
}

TEST(Fmp4, skips_what_is_no_media) {
  const auto init = init_of(make_moov({{}}));
  const auto bytes = make_box("styp", zeroes(8)) + make_box("sidx", zeroes(32)) + make_box("prft", zeroes(20)) +
                     make_box("emsg", zeroes(30)) + simple_fragment() + zeroes(5);
  const auto segment = demux_fmp4(init, bytes);
  ASSERT_TRUE(segment) << segment.error().message;
  EXPECT_EQ(segment->packets.size(), 3u);
}

TEST(Fmp4, goes_on_where_a_second_moof_has_no_time) {
  const auto init = init_of(make_moov({{}}, make_trex(1, 10, 1, 0)));
  const auto moof = [](const Bytes& time) {
    const auto body = [&](std::uint32_t data) {
      return make_moof(make_box("traf", make_tfhd(1) + time + make_full_box("trun", 0, kOffset, u32(2) + u32(data))));
    };
    return body(static_cast<std::uint32_t>(body(0).size() + 8)) + make_box("mdat", raw_text("ab"));
  };
  const auto bytes = moof(make_full_box("tfdt", 0, 0, u32(7))) + moof({});
  const auto segment = demux_fmp4(init, bytes);
  ASSERT_TRUE(segment) << segment.error().message;
  EXPECT_THAT(times(*segment), ElementsAre(7, 17, 27, 37));
  EXPECT_EQ(error_of(demux_fmp4(init, moof({}))), ErrorKind::corrupt);
}

TEST(Fmp4, believes_a_fragments_own_header) {
  const auto init = init_of(make_moov({{.id = 9}}));
  const auto bytes = make_box("ftyp", zeroes(8)) + make_moov({{.timescale = 2'000}}) + simple_fragment();
  // The offset in the run counts from its moof, wherever that is.
  const auto segment = demux_fmp4(init, bytes);
  ASSERT_TRUE(segment) << segment.error().message;
  EXPECT_THAT(times(*segment), ElementsAre(500, 520, 540));
  EXPECT_TRUE(parse_fmp4_init(bytes));
}

// As adaptive fragments come that were joined without a look: each with its header, index and events.
TEST(Fmp4, headers_may_be_repeated) {
  const auto once = make_box("ftyp", zeroes(8)) + make_moov({{}}) + make_full_box("sidx", 1, 0, zeroes(28)) +
                    make_full_box("emsg", 1, 0, zeroes(28)) + simple_fragment();
  const auto twice = once + once;  // what comes out are views into it
  const auto segment = demux_fmp4({}, twice);
  ASSERT_TRUE(segment) << segment.error().message;
  EXPECT_THAT(payloads(*segment), ElementsAre("key", "key", "mid", "mid", "end", "end"));
}

TEST(Fmp4, trusts_no_size) {
  const auto init = init_of(make_moov({{}}, make_trex(1, 10, 0, 0)));
  const auto with_run = [](const Bytes& trun) {
    return make_moof(make_traf(make_tfhd(1), 0, trun)) + make_box("mdat", zeroes(16));
  };
  const auto rejects = [&](const Bytes& trun) {
    return error_of(demux_fmp4(init, with_run(trun))) == ErrorKind::corrupt;
  };
  EXPECT_TRUE(rejects(make_full_box("trun", 0, kOffset, u32(0xffffffff) + u32(0)))) << "samples without a size";
  EXPECT_TRUE(rejects(make_full_box("trun", 0, kOffset | kSize, u32(0xffffffff) + u32(0)))) << "more than there are";
  EXPECT_TRUE(rejects(make_full_box("trun", 0, kOffset | kSize, u32(1) + u32(0) + u32(0xffffffff)))) << "too long";
  EXPECT_TRUE(rejects(make_full_box("trun", 0, kOffset | kSize, u32(1) + u32(0xfffffff0) + u32(4)))) << "before";
  EXPECT_TRUE(
      rejects(make_full_box("trun", 0, kOffset | kDuration | kSize, u32(1) + u32(0) + u32(0xffffffff) + u32(1))))
      << "a sample of weeks";
  // The same bytes over and over: a small fragment must not become gigabytes.
  auto runs = Bytes{};
  for (int i = 0; i < 10; ++i) runs = runs + make_full_box("trun", 0, kOffset | kSize, u32(1) + u32(0) + u32(100));
  EXPECT_TRUE(rejects(runs));
}

TEST(Fmp4, refuses_times_that_do_not_fit) {
  const auto init = init_of(make_moov({{.timescale = 1}}));
  const auto bytes = fragment_of(
      [](auto data) {
        return make_traf(make_tfhd(1), ~std::uint64_t{0},
                         make_full_box("trun", 0, kOffset | kSize, u32(1) + u32(data) + u32(1)));
      },
      "a");
  EXPECT_EQ(error_of(demux_fmp4(init, bytes)), ErrorKind::corrupt);
}

TEST(Fmp4Init, refuses_encrypted_media_with_words) {
  const auto init = parse_fmp4_init(make_moov({{.entry = make_video_entry("encv", make_box("sinf", {}))}}));
  ASSERT_FALSE(init);
  EXPECT_EQ(init.error().kind, ErrorKind::unsupported);
  EXPECT_THAT(init.error().message, HasSubstr("encrypted"));
}

TEST(Fmp4Init, leaves_out_what_it_does_not_know) {
  const auto init = init_of(make_moov({{},
                                       {.id = 2, .handler = "soun", .entry = make_audio_entry("fLaC", {})},
                                       {.id = 3, .handler = "subt", .entry = make_box("stpp", {})}}));
  EXPECT_EQ(init.tracks.size(), 1u);
  EXPECT_THAT(init.left_out, ElementsAre(HasSubstr("fLaC")));
  const auto nothing = parse_fmp4_init(make_moov({{.entry = make_video_entry("vvc1", {})}}));
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().kind, ErrorKind::unsupported);
  EXPECT_THAT(nothing.error().message, HasSubstr("vvc1"));
}

TEST(Fmp4Init, puts_the_picture_first_and_takes_one_of_each) {
  const auto sound = make_opus_entry(0);
  const auto init = init_of(make_moov(
      {{.id = 1, .handler = "soun", .entry = sound}, {.id = 2}, {.id = 3, .handler = "soun", .entry = sound}}));
  ASSERT_EQ(init.tracks.size(), 2u);
  EXPECT_EQ(init.tracks[0].track.id, 2u);
  EXPECT_EQ(init.tracks[1].track.id, 1u);
  EXPECT_EQ(init.left_out.size(), 1u);
}

TEST(Fmp4Init, turns_dops_into_opushead) {
  const auto track = init_of(make_moov({{.handler = "soun", .entry = make_opus_entry(312)}})).tracks[0].track;
  EXPECT_EQ(as_text(track.codec_private), std::string_view("OpusHead\x01\x02\x38\x01\x44\xac\x00\x00\x00\xff\x00", 19));
  EXPECT_EQ(track.codec_delay, std::chrono::microseconds{6'500});
  EXPECT_EQ(track.sample_rate, 48'000u);
}

TEST(Fmp4Init, widens_pixels_that_are_not_square) {
  const auto boxes = make_box("av1C", u32(0x81000c00)) + make_box("pasp", u32(4) + u32(2));
  const auto track = init_of(make_moov({{.entry = make_video_entry("av01", boxes)}})).tracks[0].track;
  EXPECT_EQ(track.display_width, 640u);
  EXPECT_EQ(track.display_height, 180u);
}

}  // namespace
}  // namespace aircheck::media
