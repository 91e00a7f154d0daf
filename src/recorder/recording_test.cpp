// However often a recorder is lost, the recording is the same.
#include "recorder/recording_testing.hpp"

namespace aircheck::recorder {
namespace {

TEST(Recording, resumed_after_every_segment_is_the_same_to_the_byte) {
  MemoryRecordings store;
  for (std::uint64_t i = 0; i < 6; ++i) {
    auto writer = *store.open(kKey);
    auto recording = *Recording::open(*writer);
    EXPECT_EQ(recording.begun(), i > 0);
    if (i > 0) {
      ASSERT_EQ(recording.positions().size(), 1u);
      EXPECT_EQ(recording.positions()[0].position.next_sequence, i);
    }
    Assembler assembler(1, recording.positions(), recording.timeline());
    write_pieces(recording, assembler, i, i + 1);
  }
  auto writer = *store.open(kKey);
  auto recording = *Recording::open(*writer);
  ASSERT_TRUE(recording.finish("broadcaster", {}));
  EXPECT_TRUE(recording.gaps().empty());
  EXPECT_EQ(clusters(store), uninterrupted(6));
}

TEST(Recording, what_was_appended_but_not_committed_is_cut_off) {
  MemoryRecordings store;
  {
    auto writer = *store.open(kKey);
    auto recording = *Recording::open(*writer);
    Assembler assembler(1, {}, {});
    write_pieces(recording, assembler, 0, 2);
    const Bytes half(1000, std::byte{0xEE});  // killed in the middle of a write
    const ByteView pieces[] = {half};
    ASSERT_TRUE(writer->append(pieces));
  }
  auto writer = *store.open(kKey);
  auto recording = *Recording::open(*writer);
  Assembler assembler(1, recording.positions(), recording.timeline());
  write_pieces(recording, assembler, 2, 4);
  ASSERT_TRUE(recording.finish("broadcaster", {}));
  EXPECT_EQ(clusters(store), uninterrupted(4));
}

TEST(Recording, killed_while_finishing_needs_only_its_head) {
  MemoryRecordings store;
  {
    auto writer = *store.open(kKey);
    auto recording = *Recording::open(*writer);
    Assembler assembler(1, {}, {});
    write_pieces(recording, assembler, 0, 3);
    ASSERT_TRUE(recording.finish("user", {}));
  }
  auto writer = *store.open(kKey);
  auto recording = *Recording::open(*writer);
  ASSERT_TRUE(recording.ended_by());
  EXPECT_EQ(*recording.ended_by(), "user");
  ASSERT_TRUE(recording.finish("user", {}));
  ASSERT_TRUE(writer->close());
  EXPECT_EQ(recording.files(kKey).size(), 1u);
  EXPECT_EQ(recording.files(kKey)[0].duration_ms, 6'000);
}

TEST(Recording, a_full_disk_loses_nothing_and_the_same_batch_goes_in_later) {
  MemoryRecordings store;
  auto writer = *store.open(kKey);
  auto recording = *Recording::open(*writer);
  Assembler assembler(1, {}, {});
  write_pieces(recording, assembler, 0, 2);
  const auto before = recording.bytes();
  store.limit_room(0);
  assembler.push(0, piece(2));
  const auto batch = assembler.next();
  ASSERT_TRUE(batch);
  EXPECT_EQ(recording.write(*batch).error().kind, ErrorKind::disk_full);
  EXPECT_EQ(recording.write(*batch).error().kind, ErrorKind::disk_full);
  EXPECT_EQ(recording.bytes(), before);
  store.limit_room({});
  ASSERT_TRUE(recording.write(*batch));
  ASSERT_TRUE(recording.finish("broadcaster", {}));
  EXPECT_EQ(clusters(store), uninterrupted(3));
}

// A writer whose journal has no room for a while.
class Stubborn final : public WriterAround {
 public:
  using WriterAround::WriterAround;
  bool refuse = false;
  Result<void> commit(std::string_view line) override {
    return refuse ? fail(ErrorKind::disk_full, "no room") : WriterAround::commit(line);
  }
};

TEST(Recording, a_hole_at_the_end_is_told_once_although_the_disk_was_full) {
  MemoryRecordings store;
  const auto real = std::move(*store.open(kKey));
  Stubborn writer(*real);
  auto recording = *Recording::open(writer);
  Assembler assembler(1, {}, {});
  write_pieces(recording, assembler, 0, 2);
  writer.refuse = true;
  EXPECT_EQ(recording.finish("broadcaster", {{4'000, 6'000, "404"}}).error().kind, ErrorKind::disk_full);
  EXPECT_FALSE(recording.finish("broadcaster", {}));
  writer.refuse = false;
  ASSERT_TRUE(recording.finish("broadcaster", {}));
  EXPECT_EQ(recording.gaps(), (std::vector<Gap>{{4'000, 6'000, "404"}}));
}

TEST(Recording, losses_before_the_first_segment_are_remembered) {
  MemoryRecordings store;
  auto writer = *store.open(kKey);
  auto recording = *Recording::open(*writer);
  Assembler assembler(1, {}, {});
  capture::Piece lost;
  lost.lost = true;
  lost.error = {ErrorKind::not_found, "404"};
  lost.duration = seconds{2};
  lost.after = {1, ""};
  assembler.push(0, std::move(lost));
  ASSERT_TRUE(recording.write(*assembler.next()));
  EXPECT_FALSE(recording.begun());
  write_pieces(recording, assembler, 1, 2);
  EXPECT_TRUE(recording.begun());
}

}  // namespace
}  // namespace aircheck::recorder
