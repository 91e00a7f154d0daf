// What goes with the stream: attachments, and what it is about.
#include "recorder/recording_testing.hpp"

namespace aircheck::recorder {
namespace {

const Bytes kPicture(500, std::byte{0xAB});

void attach_picture(Recording& recording) {
  const media::Attachment files[] = {{"cover.jpg", "image/jpeg", "", kPicture}};
  recording.attach(files);
}

std::size_t count_pictures(const Bytes& file) {
  std::size_t count = 0;
  for (auto at = file.begin(); (at = std::search(at, file.end(), kPicture.begin(), kPicture.end())) != file.end(); ++at)
    ++count;
  return count;
}

// The id that a final head's SeekHead lists for attachments, as bytes.
bool lists_attachments(const Bytes& file) {
  const std::string_view id("\x53\xab\x84\x19\x41\xa4\x69");
  return as_text(ByteView(file).first(4096)).find(id) != std::string_view::npos;
}

TEST(Recording, attachments_are_written_once_however_often_the_recorder_is_lost) {
  MemoryRecordings store;
  for (std::uint64_t i = 0; i < 4; ++i) {
    auto writer = *store.open(kKey);
    auto recording = *Recording::open(*writer);
    if (i > 0) attach_picture(recording);
    Assembler assembler(1, recording.positions(), recording.timeline());
    write_pieces(recording, assembler, i, i + 1);
    EXPECT_EQ(recording.bytes(), *store.size(kKey)) << "all of it is committed";
  }
  {
    auto writer = *store.open(kKey);
    auto recording = *Recording::open(*writer);
    ASSERT_TRUE(recording.finish("user", {}));
  }
  const auto file = content(store, std::string(kKey));
  EXPECT_EQ(count_pictures(file), 1u);
  EXPECT_TRUE(lists_attachments(file));
}

TEST(Recording, killed_while_it_wrote_attachments_writes_them_again) {
  MemoryRecordings store;
  {
    auto writer = *store.open(kKey);
    auto recording = *Recording::open(*writer);
    Assembler assembler(1, {}, {});
    write_pieces(recording, assembler, 0, 2);
    const ByteView half[] = {ByteView(kPicture).first(300)};
    ASSERT_TRUE(writer->append(half));
  }
  auto writer = *store.open(kKey);
  auto recording = *Recording::open(*writer);
  attach_picture(recording);
  ASSERT_TRUE(recording.finish("user", {}));
  const auto file = content(store, std::string(kKey));
  EXPECT_EQ(count_pictures(file), 1u);
  EXPECT_TRUE(lists_attachments(file));
}

TEST(Recording, each_file_has_its_attachments) {
  MemoryRecordings store;
  auto writer = *store.open(kKey);
  auto recording = *Recording::open(*writer);
  attach_picture(recording);
  Assembler assembler(1, {}, {});
  write_pieces(recording, assembler, 0, 2);
  assembler.push(0, piece(2, 44'100));
  ASSERT_TRUE(recording.write(*assembler.next()));
  ASSERT_TRUE(recording.finish("broadcaster", {}));
  for (const auto& file : recording.files(kKey)) EXPECT_EQ(count_pictures(content(store, file.key)), 1u) << file.key;
}

TEST(Recording, goes_on_without_attachments_where_they_find_no_room) {
  MemoryRecordings store;
  auto writer = *store.open(kKey);
  auto recording = *Recording::open(*writer);
  Assembler assembler(1, {}, {});
  write_pieces(recording, assembler, 0, 2);
  attach_picture(recording);
  store.limit_room(0);
  Batch nothing;
  nothing.positions = recording.positions();
  nothing.timeline = *recording.timeline();
  ASSERT_TRUE(recording.write(nothing));
  ASSERT_TRUE(recording.finish("user", {}));
  const auto file = content(store, std::string(kKey));
  EXPECT_EQ(count_pictures(file), 0u);
  EXPECT_FALSE(lists_attachments(file));
  EXPECT_EQ(clusters(store), uninterrupted(2));
}

TEST(Recording, keeps_what_it_is_about_for_whoever_finishes_it) {
  MemoryRecordings store;
  {
    auto writer = *store.open(kKey);
    auto recording = *Recording::open(*writer);
    Assembler assembler(1, {}, {});
    recording.describe({.title = "the first title", .channel = "a channel"});
    write_pieces(recording, assembler, 0, 1);
    EXPECT_NE(as_text(content(store, std::string(kKey))).find("the first title"), std::string_view::npos)
        << "the growing file has its title";
    recording.describe({.title = "another title", .channel = "a channel"});
    write_pieces(recording, assembler, 1, 3);
  }
  auto writer = *store.open(kKey);
  auto recording = *Recording::open(*writer);
  ASSERT_TRUE(recording.finish("user", {}));
  const auto file = content(store, std::string(kKey));
  const auto head = as_text(ByteView(file).first(4096));
  for (const auto* wanted : {"the first title", "another title", "a channel", "ARTIST"})
    EXPECT_NE(head.find(wanted), std::string_view::npos) << wanted;
}

}  // namespace
}  // namespace aircheck::recorder
