#include "media/mkv_reader.hpp"

#include <gmock/gmock.h>

#include "media/mkv_attachments.hpp"
#include "media/mkv_testing.hpp"

namespace aircheck::media {
namespace {

using namespace ebml;

constexpr std::size_t kSize = 8'192;

std::vector<Track> some_tracks() {
  Track video{.id = 1, .codec = Codec::h264, .codec_private = Bytes(40, std::byte{1}), .width = 720, .height = 576};
  video.display_width = 1'024;
  video.display_height = 576;
  video.default_duration = milliseconds{40};
  Track audio{.id = 2, .kind = TrackKind::audio, .codec = Codec::opus, .codec_private = Bytes(19, std::byte{2})};
  audio.sample_rate = 48'000;
  audio.channels = 2;
  audio.codec_delay = std::chrono::microseconds{6'500};
  audio.seek_preroll = milliseconds{80};
  return {video, audio};
}

HeadInfo some_info() {
  HeadInfo out{.writing_app = "aircheck 1", .title = "A title", .duration = milliseconds{7'040}};
  out.uid.fill(std::byte{9});
  out.date = Instant{milliseconds{1'795'706'772'066}};
  out.tags = {{"TITLE", "A title"}, {"MISSING", "something"}};
  out.chapters = {{0, "start"}, {5'000, "missing: 404"}};
  out.attachments = 20'000;
  out.file_length = 30'000;
  return out;
}

Bytes some_head(const HeadInfo& info) {
  auto head = make_head(info, some_tracks(), std::vector<Cue>{{0, kSize}, {2'000, 12'345}}, kSize);
  EXPECT_TRUE(head) << head.error().message;
  return head ? std::move(*head) : Bytes{};
}

Bytes cluster_of(std::initializer_list<ByteView> elements) {
  Bytes out;
  for (const auto element : elements) ByteWriter(out).raw(element);
  return out;
}

TEST(MkvReader, reads_the_head_as_it_was_written) {
  const auto info = some_info();
  auto bytes = some_head(info);
  put_id(bytes, kCluster);
  put_size(bytes, 1'000'000, 8);  // of which nothing is there yet
  const auto head = parse_mkv_head(bytes);
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head->size, kSize);
  EXPECT_EQ(head->file_length, 30'000u);
  EXPECT_EQ(head->tracks, some_tracks());
  EXPECT_EQ(head->cues, (std::vector<Cue>{{0, kSize}, {2'000, 12'345}}));
  EXPECT_EQ(head->info.writing_app, info.writing_app);
  EXPECT_EQ(head->info.title, info.title);
  EXPECT_EQ(head->info.uid, info.uid);
  EXPECT_EQ(head->info.date, info.date);
  EXPECT_EQ(head->info.duration, info.duration);
  EXPECT_EQ(head->info.tags, info.tags);
  EXPECT_EQ(head->info.chapters, info.chapters);
  EXPECT_EQ(head->info.attachments, info.attachments);
}

TEST(MkvReader, writes_again_what_it_has_read) {
  const auto bytes = some_head(some_info());
  auto head = parse_mkv_head(bytes);
  ASSERT_TRUE(head) << head.error().message;
  head->info.file_length = head->file_length;
  EXPECT_EQ(make_head(head->info, head->tracks, head->cues, head->size).value(), bytes);
}

TEST(MkvReader, knows_a_file_that_was_never_finished) {
  const auto head = parse_mkv_head(make_head({}, some_tracks(), {}, kSize).value());
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head->file_length, 0u);
}

TEST(MkvReader, refuses_what_is_none_of_ours) {
  EXPECT_EQ(parse_mkv_head(as_bytes("\x1a\x45\xdf\xa3\x80")).error().kind, ErrorKind::unsupported);
  const auto whole = some_head(some_info());
  for (const std::size_t length : {20uz, 60uz, 300uz, kSize - 1})
    EXPECT_FALSE(parse_mkv_head(ByteView(whole).first(length))) << length;
}

TEST(MkvReader, reads_clusters_as_they_were_written) {
  const auto tracks = some_tracks();
  const std::vector<Packet> packets{
      {.track = 0, .key = true, .pts = milliseconds{2'000}, .data = as_bytes("key")},
      {.track = 1, .key = true, .pts = milliseconds{1'990} + std::chrono::microseconds{500}, .data = as_bytes("sound")},
      {.track = 0, .key = false, .pts = milliseconds{2'080}, .data = as_bytes("later")},
      {.track = 0, .key = false, .pts = milliseconds{2'040}, .data = as_bytes("")}};
  const auto muxed = mux_clusters(packets, nanoseconds{0}, kSize, tracks);
  ASSERT_TRUE(muxed) << muxed.error().message;
  Bytes bytes;
  for (const auto piece : muxed->pieces) ByteWriter(bytes).raw(piece);
  const auto element = read_mkv_element(ByteView(bytes).first(16));
  ASSERT_TRUE(element);
  EXPECT_EQ(element->id, kCluster);
  EXPECT_EQ(element->header + element->body, bytes.size());
  const auto body = ByteView(bytes).subspan(element->header);
  EXPECT_EQ(mkv_cluster_time(body.first(16)), 1'997u);
  const auto read = parse_mkv_cluster(body, tracks);
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->size(), packets.size());
  for (std::size_t i = 0; i < packets.size(); ++i) {
    EXPECT_EQ((*read)[i].track, packets[i].track);
    EXPECT_EQ((*read)[i].key, packets[i].key);
    EXPECT_EQ((*read)[i].pts, packets[i].pts);
    EXPECT_EQ(as_text((*read)[i].data), as_text(packets[i].data));
  }
}

TEST(MkvReader, reads_groups_of_blocks) {
  Bytes time, block, group, wrapped;
  put_uint(time, kTimestamp, 5'000);
  put_binary(block, kBlock, as_bytes(std::string_view("\x81\xff\xf6\x00picture", 11)));
  put_uint(block, kBlockDuration, 40);
  put_uint(block, kReferenceBlock, 1);
  put_binary(wrapped, kBlockGroup, block);
  const auto bytes = cluster_of({time, wrapped});
  const auto read = parse_mkv_cluster(bytes, some_tracks());
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->size(), 1u);
  EXPECT_EQ(read->front().pts, milliseconds{4'990});
  EXPECT_EQ(read->front().duration, milliseconds{40});
  EXPECT_FALSE(read->front().key);
  EXPECT_EQ(as_text(read->front().data), "picture");
}

TEST(MkvReader, refuses_clusters_that_are_damaged) {
  Bytes time, laced, stranger, headless;
  put_uint(time, kTimestamp, 5'000);
  put_binary(laced, kSimpleBlock, as_bytes(std::string_view("\x81\x00\x00\x02x", 5)));
  put_binary(stranger, kSimpleBlock, as_bytes(std::string_view("\x83\x00\x00\x80x", 5)));
  put_binary(headless, kSimpleBlock, as_bytes("\x81"));
  const auto tracks = some_tracks();
  EXPECT_EQ(parse_mkv_cluster(cluster_of({time, laced}), tracks).error().kind, ErrorKind::unsupported);
  EXPECT_EQ(parse_mkv_cluster(cluster_of({time, stranger}), tracks).error().kind, ErrorKind::corrupt);
  EXPECT_EQ(parse_mkv_cluster(cluster_of({time, headless}), tracks).error().kind, ErrorKind::corrupt);
  EXPECT_EQ(parse_mkv_cluster(stranger, tracks).error().kind, ErrorKind::corrupt) << "a block before its time";
  const auto cut = cluster_of({time, laced});
  EXPECT_FALSE(parse_mkv_cluster(ByteView(cut).first(cut.size() - 1), tracks));
}

}  // namespace
}  // namespace aircheck::media
