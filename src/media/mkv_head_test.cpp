#include "media/mkv_head.hpp"

#include <gmock/gmock.h>

#include "media/mkv_reader.hpp"
#include "media/mkv_testing.hpp"

namespace aircheck::media {
namespace {

using namespace ebml;

constexpr std::size_t kSize = 4'096;

std::vector<Track> some_tracks() {
  Track video{.codec = Codec::h264, .codec_private = Bytes(40, std::byte{1}), .width = 720, .height = 576};
  video.display_width = 1'024;
  video.display_height = 576;
  Track audio{.kind = TrackKind::audio, .codec = Codec::opus, .codec_private = Bytes(19, std::byte{2})};
  audio.sample_rate = 48'000;
  audio.channels = 2;
  audio.codec_delay = std::chrono::microseconds{6'500};
  audio.seek_preroll = milliseconds{80};
  return {video, audio};
}

std::vector<Cue> some_cues(std::size_t count) {
  std::vector<Cue> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back({i * 2'000, kSize + i * 1'000'000});
  return out;
}

// The segment's body.
ByteView segment_of(ByteView head) {
  const auto segments = find_elements(head, kSegment);
  EXPECT_EQ(segments.size(), 1u);
  return segments.empty() ? ByteView{} : segments[0].body;
}

std::vector<std::uint64_t> cue_times(ByteView head) {
  std::vector<std::uint64_t> out;
  for (const auto& cues : find_elements(segment_of(head), kCues))
    for (const auto& point : find_elements(cues.body, kCuePoint)) out.push_back(find_number(point.body, kCueTime));
  return out;
}

TEST(MkvHead, fills_exactly_the_size_it_is_given) {
  for (std::size_t size = 700; size < 1'400; ++size) {
    const auto head = make_head({}, some_tracks(), some_cues(3), size);
    ASSERT_TRUE(head);
    ASSERT_EQ(head->size(), size);
    const auto parts = read_elements(segment_of(*head));
    EXPECT_EQ(cue_times(*head).size(), 3u);
    EXPECT_EQ(parts.back().id, kVoid);
  }
}

TEST(MkvHead, can_be_had_without_the_zeros_at_its_end) {
  auto head = make_unfilled_head({}, some_tracks(), some_cues(3), kSize);
  ASSERT_TRUE(head);
  EXPECT_LT(head->size(), 1'400u);
  head->resize(kSize);
  EXPECT_EQ(*head, make_head({}, some_tracks(), some_cues(3), kSize).value());
}

TEST(MkvHead, leaves_out_a_date_that_matroska_cannot_write) {
  for (const auto& [date, written] :
       {std::pair{Instant{seconds{1'795'420'931}}, true}, {kFirstInstant, false}, {kLastInstant, false}}) {
    const auto head = make_head({.date = date}, some_tracks(), {}, kSize);
    ASSERT_TRUE(head);
    const auto read = parse_mkv_head(*head);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->info.date, written ? std::optional(date) : std::nullopt);
  }
}

TEST(MkvHead, leaves_the_size_unknown_while_the_file_grows) {
  const auto head = make_head({}, some_tracks(), {}, kSize);
  ASSERT_TRUE(head);
  ByteReader in(*head);
  in.skip(find_elements(*head, kSegment)[0].offset + 4);
  EXPECT_EQ(in.u64(), 0x01ffffffffffffffu);
  EXPECT_TRUE(find_elements(segment_of(*head), kCues).empty());
  EXPECT_TRUE(find_elements(find_elements(segment_of(*head), kInfo)[0].body, kDuration).empty());
}

TEST(MkvHead, says_the_size_of_the_whole_file_at_the_end) {
  const auto head = make_head({.file_length = 1'000'000}, some_tracks(), {}, kSize);
  ASSERT_TRUE(head);
  const std::size_t at = read_elements(ByteView(*head).first(40))[0].body.size();
  const auto segment = 5 + at;  // EBML's id and its size of one byte come first
  ByteReader in(*head);
  in.skip(segment + 4);
  EXPECT_EQ(in.u64() & 0x00ffffffffffffff, 1'000'000 - (segment + 12));
}

TEST(MkvHead, lists_where_everything_is) {
  const auto head = make_head({.tags = {{"URL", "https://example.com"}}}, some_tracks(), some_cues(5), kSize);
  const auto segment = segment_of(*head);
  std::vector<std::uint64_t> listed;
  for (const auto& seek : find_elements(find_elements(segment, kSeekHead).at(0).body, kSeek)) {
    const auto id = find_number(seek.body, kSeekId);
    listed.push_back(id);
    EXPECT_EQ(find_number(seek.body, kSeekPosition),
              find_elements(segment, static_cast<std::uint32_t>(id)).at(0).offset);
  }
  EXPECT_THAT(listed, testing::ElementsAre(kInfo, kTracks, kTags, kCues));
}

TEST(MkvHead, points_cues_at_clusters_from_the_segments_start) {
  const auto head = make_head({}, some_tracks(), some_cues(2), kSize);
  const auto segment = segment_of(*head);
  const auto start = static_cast<std::uint64_t>(segment.data() - head->data());
  const auto points = find_elements(find_elements(segment, kCues).at(0).body, kCuePoint);
  const auto positions = find_elements(points.at(1).body, kCueTrackPositions).at(0).body;
  EXPECT_EQ(find_number(positions, kCueClusterPosition) + start, kSize + 1'000'000);
  EXPECT_EQ(find_number(positions, kCueTrack), 1u);
}

TEST(MkvHead, thins_cues_evenly_that_do_not_fit) {
  const auto head = make_head({}, some_tracks(), some_cues(1'000), kSize);
  ASSERT_TRUE(head);
  ASSERT_EQ(head->size(), kSize);
  const auto times = cue_times(*head);
  ASSERT_GT(times.size(), 50u);
  EXPECT_EQ(times[0], 0u);
  const auto step = times[1];
  for (std::size_t i = 0; i < times.size(); ++i) EXPECT_EQ(times[i], i * step);
  EXPECT_GT(times.back() + step, 1'998'000u) << "the end has no cues";
}

TEST(MkvHead, refuses_a_size_that_even_the_tracks_exceed) {
  const auto head = make_head({}, some_tracks(), some_cues(10), 200);
  ASSERT_FALSE(head);
  EXPECT_EQ(head.error().kind, ErrorKind::invalid_input);
}

TEST(MkvHead, has_chapters_as_far_as_they_fit) {
  HeadInfo info;
  for (std::uint64_t i = 0; i < 1'000; ++i) info.chapters.push_back({i * 1'000, "missing: something"});
  const auto head = make_head(info, some_tracks(), some_cues(10), kSize);
  ASSERT_TRUE(head);
  const auto edition = find_elements(find_elements(segment_of(*head), kChapters).at(0).body, kEditionEntry).at(0).body;
  const auto atoms = find_elements(edition, kChapterAtom);
  ASSERT_GT(atoms.size(), 2u);
  EXPECT_LT(edition.size(), kSize / 4);
  EXPECT_EQ(find_number(atoms[2].body, kChapterTimeStart), 2'000'000'000u);
  EXPECT_EQ(find_number(atoms[2].body, kChapterUid), 3u);
  const auto display = find_elements(atoms[2].body, kChapterDisplay).at(0).body;
  EXPECT_EQ(as_text(find_elements(display, kChapterString).at(0).body), "missing: something");
}

TEST(MkvHead, describes_tracks) {
  const auto head = make_head({}, some_tracks(), {}, kSize);
  const auto entries = find_elements(find_elements(segment_of(*head), kTracks).at(0).body, kTrackEntry);
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(as_text(find_elements(entries[0].body, kCodecId).at(0).body), "V_MPEG4/ISO/AVC");
  EXPECT_EQ(find_number(find_elements(entries[0].body, kVideo).at(0).body, kDisplayWidth), 1'024u);
  EXPECT_EQ(as_text(find_elements(entries[1].body, kCodecId).at(0).body), "A_OPUS");
  EXPECT_EQ(find_number(entries[1].body, kCodecDelay), 6'500'000u);
  EXPECT_EQ(find_number(entries[1].body, kSeekPreRoll), 80'000'000u);
}

TEST(MkvHead, counts_dates_from_2001) {
  const Instant date = std::chrono::sys_days{std::chrono::year{2001} / 1 / 2};
  const auto head = make_head({.date = date}, some_tracks(), {}, kSize);
  const auto info = find_elements(segment_of(*head), kInfo).at(0).body;
  EXPECT_EQ(find_number(info, kDateUtc), 86'400'000'000'000u);
}

}  // namespace
}  // namespace aircheck::media
