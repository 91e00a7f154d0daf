#include "recorder/recording.hpp"

#include <gtest/gtest.h>

#include "core/memory.hpp"
#include "recorder/assembler.hpp"
#include "recorder/recorded_file.hpp"

namespace aircheck::recorder {
namespace {

constexpr std::string_view kKey = "recordings/2026/11/test.mkv";

media::Track video_track(std::uint32_t width = 320) {
  media::Track track;
  track.kind = media::TrackKind::video;
  track.codec = media::Codec::vp9;  // without parameter sets of its own
  track.width = width;
  track.height = 180;
  return track;
}

media::Track audio_track(std::uint32_t rate = 48'000) {
  media::Track track;
  track.kind = media::TrackKind::audio;
  track.codec = media::Codec::aac;
  track.codec_private = Bytes(2, std::byte{0x11});
  track.sample_rate = rate;
  track.channels = 2;
  return track;
}

// Segment `number` of two seconds: fifty frames of video, forty of audio, each payload naming its segment.
capture::Piece piece(std::uint64_t number, std::uint32_t rate = 48'000) {
  capture::Piece out;
  out.duration = seconds{2};
  out.after = {number + 1, ""};
  out.raw = Bytes(64, static_cast<std::byte>(number));
  out.media.tracks = {video_track(), audio_track(rate)};
  const nanoseconds begin = seconds{2 * number};
  for (int i = 0; i < 50; ++i)
    out.media.packets.push_back({.track = 0,
                                 .key = i == 0,
                                 .pts = begin + i * milliseconds{40},
                                 .dts = begin + i * milliseconds{40},
                                 .duration = milliseconds{40},
                                 .data = ByteView(out.raw)});
  for (int i = 0; i < 40; ++i)
    out.media.packets.push_back({.track = 1,
                                 .key = true,
                                 .pts = begin + i * milliseconds{50},
                                 .dts = begin + i * milliseconds{50},
                                 .duration = milliseconds{50},
                                 .data = ByteView(out.raw).first(7)});
  std::stable_sort(out.media.packets.begin(), out.media.packets.end(), [](auto& a, auto& b) { return a.dts < b.dts; });
  return out;
}

// The same content as two tracks apart; audio segments are not aligned with the video's.
capture::Piece only(std::uint32_t track, capture::Piece piece, nanoseconds shift = nanoseconds{0}) {
  std::erase_if(piece.media.packets, [track](auto& packet) { return packet.track != track; });
  for (auto& packet : piece.media.packets) {
    packet.track = 0;
    packet.pts += shift;
    packet.dts += shift;
  }
  piece.media.tracks = {piece.media.tracks[track]};
  return piece;
}

Bytes content(RecordingStore& store, const std::string& key) {
  Bytes out(store.size(key).value_or(0));
  EXPECT_EQ(store.read(key, 0, out).value_or(0), out.size());
  return out;
}

// What follows the head: identical, however often the recorder was lost on the way.
Bytes clusters(RecordingStore& store, const std::string& key = std::string(kKey)) {
  auto bytes = content(store, key);
  bytes.erase(bytes.begin(), bytes.begin() + 4096);
  return bytes;
}

void write_pieces(Recording& recording, Assembler& assembler, std::uint64_t first, std::uint64_t end) {
  for (auto i = first; i < end; ++i) {
    assembler.push(0, piece(i));
    while (auto batch = assembler.next()) ASSERT_TRUE(recording.write(*batch));
    assembler.release();
  }
}

Bytes uninterrupted(std::uint64_t count) {
  MemoryRecordings store;
  auto writer = *store.open(kKey);
  auto recording = *Recording::open(*writer);
  Assembler assembler(1, {}, {});
  write_pieces(recording, assembler, 0, count);
  EXPECT_TRUE(recording.finish("broadcaster", {}));
  return clusters(store);
}

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

// ---- what goes with it ----------------------------------------------------------------------------------------------

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

// A writer whose journal has no room for a while.
class Stubborn final : public RecordingWriter {
 public:
  explicit Stubborn(RecordingWriter& real) : real_(real) {}
  bool refuse = false;
  const std::vector<std::string>& journal() const override { return real_.journal(); }
  std::size_t head_size() const override { return real_.head_size(); }
  Result<void> begin_file(int index, ByteView head) override { return real_.begin_file(index, head); }
  Result<void> reopen_file(int index, std::uint64_t length) override { return real_.reopen_file(index, length); }
  Result<void> append(std::span<const ByteView> pieces) override { return real_.append(pieces); }
  std::uint64_t length() const override { return real_.length(); }
  Result<void> commit(std::string_view line) override {
    return refuse ? fail(ErrorKind::disk_full, "no room") : real_.commit(line);
  }
  Result<void> finish_file(Bytes head) override { return real_.finish_file(std::move(head)); }
  Result<void> close() override { return real_.close(); }

 private:
  RecordingWriter& real_;
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
class EndingWriter final : public RecordingWriter {
 public:
  EndingWriter(RecordingWriter& inner, std::uint64_t most, ErrorKind kind) : inner_(inner), most_(most), kind_(kind) {}
  const std::vector<std::string>& journal() const override { return inner_.journal(); }
  std::size_t head_size() const override { return inner_.head_size(); }
  Result<void> begin_file(int index, ByteView head) override { return inner_.begin_file(index, head); }
  Result<void> reopen_file(int index, std::uint64_t length) override { return inner_.reopen_file(index, length); }
  Result<void> append(std::span<const ByteView> pieces) override {
    if (inner_.length() < most_) return inner_.append(pieces);
    if (kind_ == ErrorKind::not_found) most_ = UINT64_MAX;  // once
    return fail(kind_, "the file has come to its end");
  }
  std::uint64_t length() const override { return inner_.length(); }
  Result<void> commit(std::string_view line) override { return inner_.commit(line); }
  Result<void> finish_file(Bytes head) override { return inner_.finish_file(std::move(head)); }
  Result<void> close() override { return inner_.close(); }

 private:
  RecordingWriter& inner_;
  std::uint64_t most_;
  ErrorKind kind_;
};

TEST(Recording, a_file_that_is_full_is_followed_by_another) {
  MemoryRecordings store;
  auto inner = *store.open(kKey);
  EndingWriter writer(*inner, 30'000, ErrorKind::unsupported);
  auto recording = *Recording::open(writer);
  Assembler assembler(1, {}, {});
  for (std::uint64_t number = 0; number < 12; ++number) {
    assembler.push(0, piece(number));
    while (const auto batch = assembler.next()) ASSERT_TRUE(recording.write(*batch));
  }
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
  for (std::uint64_t number = 0; number < 12; ++number) {
    assembler.push(0, piece(number));
    while (const auto batch = assembler.next()) ASSERT_TRUE(recording.write(*batch));
  }
  ASSERT_TRUE(recording.finish("broadcaster", {}));
  const auto files = recording.files(kKey);
  ASSERT_EQ(files.size(), 1U);
  ASSERT_EQ(recording.gaps().size(), 1U);
  const auto& gap = recording.gaps()[0];
  EXPECT_EQ(gap.start_ms, 0);
  EXPECT_EQ(gap.end_ms + files[0].duration_ms, 24'000) << "what is there and what is told make the whole";
  EXPECT_EQ(gap.reason, "the file has come to its end");
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

// Separate audio whose segments straddle the video's: everything comes once, also when the recorder is lost in between.
TEST(Assembler, cuts_separate_audio_to_the_video_and_goes_on_in_the_middle_of_a_segment) {
  MemoryRecordings whole, broken;
  const auto shift = milliseconds{700};
  const auto feed = [&](MemoryRecordings& store, bool lose_recorder) {
    std::size_t packets = 0;
    std::uint64_t next[2] = {0, 0};
    for (int run = 0; run < (lose_recorder ? 4 : 1); ++run) {
      auto writer = *store.open(kKey);
      auto recording = *Recording::open(*writer);
      Assembler assembler(2, recording.positions(), recording.timeline());
      for (std::size_t i = 0; i < recording.positions().size(); ++i)
        next[i] = recording.positions()[i].position.next_sequence;
      const int batches = lose_recorder && run < 3 ? 1 : 100;
      for (int done = 0; done < batches;) {
        for (std::size_t track : {0, 1}) {
          if (assembler.wants(track) && next[track] < 5) {
            auto part =
                only(static_cast<std::uint32_t>(track), piece(next[track]++), track == 1 ? shift : milliseconds{0});
            assembler.push(track, std::move(part));
          } else if (next[track] == 5) {
            assembler.close(track);
          }
        }
        auto batch = assembler.next();
        if (!batch && next[0] == 5 && next[1] == 5) break;
        if (!batch) continue;
        packets += batch->packets.size();
        EXPECT_TRUE(recording.write(*batch));
        assembler.release();
        ++done;
      }
      if (run == (lose_recorder ? 3 : 0)) {
        EXPECT_TRUE(recording.finish("broadcaster", {}));
      }
    }
    return packets;
  };
  EXPECT_EQ(feed(whole, false), 5u * 90u);
  EXPECT_EQ(feed(broken, true), 5u * 90u);
  EXPECT_EQ(clusters(whole), clusters(broken));
}

TEST(Assembler, puts_zero_where_the_earlier_track_begins_whichever_comes_first) {
  for (const std::size_t first : {0u, 1u}) {
    Assembler assembler(2, {}, {});
    const auto feed = [&](std::size_t track) {
      assembler.push(
          track, only(static_cast<std::uint32_t>(track), piece(3), track == 1 ? milliseconds{-80} : milliseconds{0}));
    };
    feed(first);
    EXPECT_FALSE(assembler.next());
    feed(1 - first);
    assembler.close(1);
    const auto batch = assembler.next();
    ASSERT_TRUE(batch);
    auto earliest = nanoseconds::max();
    for (const auto& packet : batch->packets) earliest = std::min(earliest, packet.pts);
    EXPECT_EQ(earliest, nanoseconds{0});
  }
}

TEST(Journal, garbage_is_refused_with_words) {
  const std::vector<std::string> lines{"{\"kind\":\"commit\"}"};
  EXPECT_EQ(read_journal(lines).error().kind, ErrorKind::corrupt);
  const std::vector<std::string> text{"hello"};
  EXPECT_EQ(read_journal(text).error().kind, ErrorKind::corrupt);
}

}  // namespace
}  // namespace aircheck::recorder
