// Attachments anywhere in the file, to our own eyes and to FFmpeg's and MKVToolNix's.
#include "media/mkv_attachments.hpp"

#include <gmock/gmock.h>

#include "base/json.hpp"
#include "media/fmp4.hpp"
#include "media/mkv_testing.hpp"

namespace aircheck::media {
namespace {

using namespace ebml;

TEST(MkvAttachments, are_one_element_of_all_files) {
  const Bytes picture(300, std::byte{5});
  const Attachment files[] = {{"cover.jpg", "image/jpeg", "", picture},
                              {"description.txt", "text/plain", "what it says", as_bytes("hello")}};
  const auto element = attachments_element(files);
  const auto outer = read_elements(element);
  ASSERT_EQ(outer.size(), 1u);
  EXPECT_EQ(outer[0].id, kAttachments);
  const auto inner = find_elements(outer[0].body, kAttachedFile);
  ASSERT_EQ(inner.size(), 2u);
  EXPECT_EQ(as_text(find_elements(inner[0].body, kFileName).at(0).body), "cover.jpg");
  EXPECT_EQ(as_text(find_elements(inner[0].body, kFileMediaType).at(0).body), "image/jpeg");
  EXPECT_EQ(find_elements(inner[0].body, kFileData).at(0).body.size(), 300u);
  EXPECT_TRUE(find_elements(inner[0].body, kFileDescription).empty());
  EXPECT_EQ(as_text(find_elements(inner[1].body, kFileDescription).at(0).body), "what it says");
  EXPECT_EQ(as_text(find_elements(inner[1].body, kFileData).at(0).body), "hello");
  EXPECT_NE(find_number(inner[0].body, kFileUid), find_number(inner[1].body, kFileUid));
}

TEST(MkvAttachments, of_nothing_are_nothing) { EXPECT_TRUE(attachments_element({}).empty()); }

TEST(Picture, is_known_by_its_first_bytes) {
  EXPECT_EQ(picture_media_type(as_bytes("\xff\xd8\xff\xe0 and so on")), "image/jpeg");
  EXPECT_EQ(picture_media_type(as_bytes("\x89PNG\r\n\x1a\n and so on")), "image/png");
  EXPECT_EQ(picture_media_type(as_bytes("RIFF....WEBPVP8 ")), "image/webp");
  for (const auto* other : {"", "RIFF", "RIFF....WAVE", "<html>", "GIF89a"})
    EXPECT_EQ(picture_media_type(as_bytes(other)), "") << other;
  EXPECT_EQ(cover_name("image/jpeg"), "cover.jpg");
  EXPECT_EQ(cover_name("text/html"), "");
}

// A file whose attachments came when half of it was written.
class AttachedFile : public testing::Test {
 protected:
  AttachedFile() {
    folder_.ffmpeg("-f lavfi -i testsrc2=size=64x36 -frames:v 1 cover.jpg");
    folder_.ffmpeg(
        "-f lavfi -i testsrc2=size=320x180:rate=25:duration=4 -c:v libx264 -preset veryfast -g 50 "
        "-movflags +frag_keyframe+empty_moov+default_base_moof -f mp4 a.mp4");
    picture_ = folder_.read("cover.jpg");
    bytes_ = folder_.read("a.mp4");
    const auto segment = demux_fmp4(parse_fmp4_init(bytes_).value(), bytes_).value();
    write(segment);
  }

  void write(const DemuxedSegment& segment) {
    const std::span<const Packet> all(segment.packets);
    std::size_t cut = all.size() / 2;
    while (!all[cut].key) ++cut;
    const Attachment files[] = {{"cover.jpg", std::string(picture_media_type(picture_)), "", picture_},
                                {"description.txt", "text/plain", "", as_bytes("what it says")}};
    const auto attachments = attachments_element(files);
    const auto first = mux_clusters(all.first(cut), -earliest(segment), kTestHead, segment.tracks).value();
    const auto at = kTestHead + first.bytes;
    const auto second =
        mux_clusters(all.subspan(cut), -earliest(segment), at + attachments.size(), segment.tracks).value();
    HeadInfo info{.writing_app = "test", .title = "a title", .duration = second.end};
    info.file_length = at + attachments.size() + second.bytes;
    info.tags = {{"TITLE", "a title"}, {"ARTIST", "a channel"}, {"PURL", "https://example.com/watch?v=1"}};
    info.attachments = at;
    auto cues = first.cues;
    cues.insert(cues.end(), second.cues.begin(), second.cues.end());
    std::ofstream out(path(), std::ios::binary);
    append_to(out, make_head(info, segment.tracks, cues, kTestHead).value());
    for (const auto piece : first.pieces) append_to(out, piece);
    append_to(out, attachments);
    for (const auto piece : second.pieces) append_to(out, piece);
  }

  std::filesystem::path path() const { return folder_.file("b.mkv"); }

  OracleFolder folder_;
  Bytes picture_, bytes_;
};

TEST_F(AttachedFile, is_sound_and_its_attachments_come_out_again) {
  EXPECT_EQ(probe_packets(path(), 'V').size(), 100u);
  // At the level of warnings FFmpeg says that it knows no codec for a text.
  EXPECT_EQ(run_oracle(fmt::format("ffmpeg -nostdin -v error -xerror -i {} -map 0:V -f null -", path().string())), "");
  run_oracle(fmt::format("mkvextract -q {0} attachments 1:{0}.jpg 2:{0}.txt", path().string()));
  EXPECT_EQ(folder_.read("b.mkv.jpg"), picture_);
  EXPECT_EQ(as_text(folder_.read("b.mkv.txt")), "what it says");
}

TEST_F(AttachedFile, is_understood_by_mkvmerge) {
  const auto about = nlohmann::json::parse(run_oracle("mkvmerge -J " + path().string()));
  EXPECT_TRUE(about["errors"].empty() && about["warnings"].empty()) << about.dump(1);
  ASSERT_EQ(about["attachments"].size(), 2u);
  EXPECT_EQ(about["attachments"][0]["file_name"], "cover.jpg");
  EXPECT_EQ(about["attachments"][0]["content_type"], "image/jpeg");
  EXPECT_EQ(about["global_tags"][0]["num_entries"], 3);
}

TEST_F(AttachedFile, shows_its_cover_and_tags_to_players) {
  const auto streams =
      run_oracle("ffprobe -v error -show_entries stream_disposition=attached_pic:stream=codec_name -of csv=p=0 " +
                 path().string());
  EXPECT_THAT(streams, testing::HasSubstr("mjpeg,1")) << streams;
  const auto format = run_oracle("ffprobe -v error -show_entries format_tags -of default=nk=0:nw=1 " + path().string());
  EXPECT_THAT(format, testing::HasSubstr("TAG:ARTIST=a channel"));
  EXPECT_THAT(format, testing::HasSubstr("TAG:PURL=https://example.com/watch?v=1"));
}

}  // namespace
}  // namespace aircheck::media
