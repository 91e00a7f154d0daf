// Where one file is followed by another, and what is said again where a file goes on.
#include "recorder/recorded_file.hpp"
#include "recorder/recording_testing.hpp"

namespace aircheck::recorder {
namespace {

TEST(Recording, another_audio_configuration_begins_a_second_file) {
  MemoryRecordings store;
  auto writer = *store.open(kKey);
  auto recording = *Recording::open(*writer);
  Assembler assembler(1, {}, {});
  write_pieces(recording, assembler, 0, 2);
  assembler.push(0, piece(2, 44'100));
  ASSERT_TRUE(recording.write(*assembler.next()));
  ASSERT_TRUE(recording.finish("broadcaster", {}));
  const auto files = recording.files(kKey);
  ASSERT_EQ(files.size(), 2u);
  EXPECT_EQ(files[0].duration_ms, 4'000);
  EXPECT_EQ(files[1].key, "recordings/2026/11/test-2.mkv");
  EXPECT_EQ(files[1].duration_ms, 2'000);
}

// H.264 with its parameter sets in the head only, as fragments have it; `sps` is the last byte of one.
media::Track avc_track(int sps) {
  auto out = video_track();
  out.codec = media::Codec::h264;
  for (const auto byte : {1, 0x42, 0, 0x1e, 0xff, 0xe1, 0, 2, 0x67, sps, 1, 0, 2, 0x68, 1})
    out.codec_private.push_back(static_cast<std::byte>(byte));
  return out;
}

TEST(Recording, parameter_sets_are_said_again_when_they_are_the_head_s_again) {
  MemoryRecordings store;
  auto writer = *store.open(kKey);
  auto recording = *Recording::open(*writer);
  Assembler assembler(1, {}, {});
  for (std::uint64_t i = 0; i < 3; ++i) {
    auto next = piece(i);
    next.media.tracks[0] = avc_track(i == 1 ? 2 : 1);
    assembler.push(0, std::move(next));
    ASSERT_TRUE(recording.write(*assembler.next()));
  }
  ASSERT_TRUE(recording.finish("broadcaster", {}));
  const auto file = RecordedFile::open(store, std::string(kKey));
  ASSERT_TRUE(file) << file.error().message;
  std::vector<std::size_t> keys;
  std::vector<std::byte> sets;
  for (const auto& part : file->parts()) {
    const auto cluster = RecordedFile::open(store, std::string(kKey))->read(part).value();
    for (const auto& packet : cluster->packets) {
      if (packet.track != 0 || !packet.key) continue;
      keys.push_back(packet.data.size());
      if (packet.data.size() > 64) sets.push_back(packet.data[5]);
    }
  }
  EXPECT_EQ(keys, (std::vector<std::size_t>{64, 76, 76}));
  EXPECT_EQ(sets, (std::vector<std::byte>{std::byte{2}, std::byte{1}}));
}

// A store whose files reach an end: after `most` bytes one is full, or what was written of it is gone.
class EndingWriter final : public WriterAround {
 public:
  EndingWriter(RecordingWriter& inner, std::uint64_t most, ErrorKind kind)
      : WriterAround(inner), most_(most), kind_(kind) {}
  Result<void> append(std::span<const ByteView> pieces) override {
    if (length() < most_) return WriterAround::append(pieces);
    if (kind_ == ErrorKind::not_found) most_ = UINT64_MAX;  // once
    return fail(kind_, "the file has come to its end");
  }

 private:
  std::uint64_t most_;
  ErrorKind kind_;
};

TEST(Recording, a_file_that_is_full_is_followed_by_another) {
  MemoryRecordings store;
  auto inner = *store.open(kKey);
  EndingWriter writer(*inner, 30'000, ErrorKind::unsupported);
  auto recording = *Recording::open(writer);
  Assembler assembler(1, {}, {});
  write_pieces(recording, assembler, 0, 12);
  ASSERT_TRUE(recording.finish("broadcaster", {}));
  const auto files = recording.files(kKey);
  ASSERT_GE(files.size(), 2U);
  std::int64_t total = 0;
  for (const auto& file : files) total += file.duration_ms;
  EXPECT_EQ(total, 24'000);
  EXPECT_TRUE(recording.gaps().empty());
}

TEST(Recording, a_file_that_is_gone_is_begun_again_and_its_loss_told) {
  MemoryRecordings store;
  auto inner = *store.open(kKey);
  EndingWriter writer(*inner, 30'000, ErrorKind::not_found);
  auto recording = *Recording::open(writer);
  Assembler assembler(1, {}, {});
  write_pieces(recording, assembler, 0, 12);
  ASSERT_TRUE(recording.finish("broadcaster", {}));
  const auto files = recording.files(kKey);
  ASSERT_EQ(files.size(), 1U);
  ASSERT_EQ(recording.gaps().size(), 1U);
  const auto& gap = recording.gaps()[0];
  EXPECT_EQ(gap.start_ms, 0);
  EXPECT_EQ(gap.end_ms + files[0].duration_ms, 24'000) << "what is there and what is told make the whole";
  EXPECT_EQ(gap.reason, "the file has come to its end");
}

}  // namespace
}  // namespace aircheck::recorder
