#include "media/track_change.hpp"

#include <gtest/gtest.h>

#include "base/bytes_testing.hpp"

namespace aircheck::media {
namespace {

// With one sequence set (67 `sps`) and one picture set (68 01), and lengths of `width` bytes.
Track avc(int sps, int width = 4) {
  return {.codec = Codec::h264,
          .codec_private = bytes({1, 0x42, 0, 0x1e, 0xfc | (width - 1), 0xe1, 0, 2, 0x67, sps, 1, 0, 2, 0x68, 1})};
}

Track aac(int config) {
  Track out{.kind = TrackKind::audio, .codec = Codec::aac, .codec_private = bytes({config, 0x90})};
  out.sample_rate = 48'000;
  out.channels = 2;
  return out;
}

TrackChange change(const Track& now, const Track& next) { return compare(std::span(&now, 1), std::span(&next, 1)); }

TEST(TrackChange, is_none_where_only_ids_and_frame_rates_differ) {
  auto other = avc(1);
  other.id = 7;
  other.default_duration = milliseconds{20};
  other.codec_private.push_back(std::byte{0xfd});  // an avcC with the fields of the high profiles
  EXPECT_EQ(change(avc(1), other), TrackChange::same);
}

TEST(TrackChange, of_parameter_sets_goes_on_in_band) { EXPECT_EQ(change(avc(1), avc(2)), TrackChange::in_band); }

TEST(TrackChange, from_sdr_to_hdr_needs_a_new_file) {
  auto sdr = avc(1), hdr = avc(1);
  sdr.colour.set(1, 1, 1, false);
  hdr.colour.set(9, 16, 9, false);
  EXPECT_EQ(change(sdr, hdr), TrackChange::new_file);
  EXPECT_EQ(change(avc(1), hdr), TrackChange::same) << "the first did not say what it was";
  auto brighter = hdr;
  brighter.colour.max_cll = 4'000;
  EXPECT_EQ(change(hdr, brighter), TrackChange::same);
}

TEST(TrackChange, knows_key_frames_that_bring_their_parameter_sets) {
  const auto plain = bytes({0, 0, 0, 2, 0x65, 1}), with_sets = bytes({0, 0, 0, 2, 0x09, 0xf0, 0, 0, 0, 2, 0x67, 1});
  EXPECT_FALSE(has_parameter_sets(avc(1), plain));
  EXPECT_TRUE(has_parameter_sets(avc(1), with_sets));
  EXPECT_FALSE(has_parameter_sets(avc(1), bytes({0, 0, 0, 9, 0x67})));
  EXPECT_TRUE(has_parameter_sets({.codec = Codec::vp9}, plain));
}

TEST(TrackChange, of_length_fields_needs_a_new_file) { EXPECT_EQ(change(avc(1), avc(1, 2)), TrackChange::new_file); }

TEST(TrackChange, of_sound_needs_a_new_file) {
  EXPECT_EQ(change(aac(0x11), aac(0x11)), TrackChange::same);
  EXPECT_EQ(change(aac(0x11), aac(0x12)), TrackChange::new_file);
  auto mono = aac(0x11);
  mono.channels = 1;
  EXPECT_EQ(change(aac(0x11), mono), TrackChange::new_file);
}

TEST(TrackChange, of_codecs_and_tracks_needs_a_new_file) {
  const std::vector both{avc(1), aac(0x11)}, sound{aac(0x11)};
  EXPECT_EQ(compare(both, sound), TrackChange::new_file);
  auto hevc = avc(1);
  hevc.codec = Codec::hevc;
  EXPECT_EQ(change(avc(1), hevc), TrackChange::new_file);
}

TEST(TrackChange, is_the_worst_of_all_tracks) {
  const std::vector now{avc(1), aac(0x11)}, next{avc(2), aac(0x11)}, worse{avc(2), aac(0x12)};
  EXPECT_EQ(compare(now, next), TrackChange::in_band);
  EXPECT_EQ(compare(now, worse), TrackChange::new_file);
}

TEST(TrackChange, prefixes_parameter_sets_with_their_lengths) {
  EXPECT_EQ(parameter_sets_prefix(avc(9)), bytes({0, 0, 0, 2, 0x67, 9, 0, 0, 0, 2, 0x68, 1}));
  EXPECT_EQ(parameter_sets_prefix(avc(9, 2)), bytes({0, 2, 0x67, 9, 0, 2, 0x68, 1}));
  EXPECT_TRUE(parameter_sets_prefix(avc(9), ParameterSets::in_band).empty());
  EXPECT_TRUE(parameter_sets_prefix(aac(0x11)).empty());
}

TEST(TrackChange, prefixes_hevc_sets_of_all_kinds) {
  Track track{.codec = Codec::hevc, .codec_private = Bytes(21, std::byte{0})};
  const auto arrays = bytes({0xff, 2, 0x20, 0, 1, 0, 1, 0xaa, 0x21, 0, 2, 0, 1, 0xbb, 0, 2, 0xcc, 0xdd});
  track.codec_private.insert(track.codec_private.end(), arrays.begin(), arrays.end());
  EXPECT_EQ(parameter_sets_prefix(track), bytes({0, 0, 0, 1, 0xaa, 0, 0, 0, 1, 0xbb, 0, 0, 0, 2, 0xcc, 0xdd}));
}

TEST(TrackChange, survives_cut_headers) {
  const auto whole = avc(1).codec_private;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    auto cut = avc(1);
    cut.codec_private.resize(size);
    EXPECT_LE(parameter_sets_prefix(cut).size(), size);
  }
}

}  // namespace
}  // namespace aircheck::media
