#include "recorder/rewrite.hpp"

#include <gmock/gmock.h>

#include <deque>

#include "core/memory.hpp"
#include "media/mkv_attachments.hpp"
#include "media/mkv_cluster.hpp"

namespace aircheck::recorder {
namespace {

using media::Packet;
using testing::ElementsAre;

constexpr std::string_view kKey = "recordings/2026/11/test.mkv";
constexpr std::size_t kHead = 4'096;

std::vector<media::Track> two_tracks() {
  media::Track video{.codec = media::Codec::vp9, .width = 320, .height = 180};
  media::Track audio{.kind = media::TrackKind::audio, .codec = media::Codec::opus, .codec_private = Bytes(19)};
  audio.sample_rate = 48'000;
  audio.channels = 2;
  audio.codec_delay = milliseconds{7};  // a whole number: the file rounds
  return {video, audio};
}

// Second `number` of a stream: 25 frames, every third of which is shown before the one in front of it, and 50 of sound.
class Second {
 public:
  explicit Second(int number) {
    for (int i = 0; i < 25; ++i) {
      const int shown = i == 0 || i == 24 ? i : i % 2 == 1 ? i + 1 : i - 1;
      add(0, i == 0, milliseconds{1'000 * number + 40 * shown}, "v");
    }
    for (int i = 0; i < 50; ++i) add(1, true, milliseconds{1'000 * number + 20 * i}, "a");
  }
  std::vector<Packet> all() const { return in_order(packets_); }
  std::vector<Packet> only(std::uint32_t track) const {
    auto out = packets_;
    std::erase_if(out, [track](const auto& packet) { return packet.track != track; });
    return in_order(out);
  }

 private:
  void add(std::uint32_t track, bool key, nanoseconds pts, const std::string& kind) {
    const auto& text = payloads_.emplace_back(kind + std::to_string(pts.count()));
    packets_.push_back({.track = track, .key = key, .pts = pts, .dts = pts, .data = as_bytes(text)});
  }
  static std::vector<Packet> in_order(std::vector<Packet> packets) {
    make_up_dts(packets);
    std::ranges::stable_sort(packets, {}, &Packet::dts);
    return packets;
  }

  std::deque<std::string> payloads_;
  std::vector<Packet> packets_;
};

class Rewrite : public testing::Test {
 protected:
  // A finished recording of these batches, with an attachment behind the first.
  void record(const std::vector<std::vector<Packet>>& batches) {
    const auto writer = store_.open(kKey).value();
    ASSERT_TRUE(writer->begin_file(0, Bytes(kHead)));
    media::HeadInfo info{.duration = seconds{4}};
    std::vector<media::Cue> cues;
    for (const auto& batch : batches) {
      const auto muxed = media::mux_clusters(batch, nanoseconds{0}, writer->length(), tracks_).value();
      cues.insert(cues.end(), muxed.cues.begin(), muxed.cues.end());
      ASSERT_TRUE(writer->append(muxed.pieces));
      if (info.attachments) continue;
      info.attachments = writer->length();
      const std::vector<media::Attachment> files{{.name = "a", .media_type = "text/plain", .data = as_bytes("text")}};
      const auto element = media::attachments_element(files);
      const ByteView pieces[] = {element};
      ASSERT_TRUE(writer->append(pieces));
    }
    info.file_length = writer->length();
    ASSERT_TRUE(writer->finish_file(media::make_head(info, tracks_, cues, kHead).value()));
    ASSERT_TRUE(writer->close());
  }

  // Puts these into it.
  void fill(const std::vector<std::vector<Packet>>& holes, std::vector<StalePacket> stale = {}) {
    auto file = RecordedFile::open(store_, std::string(kKey)).value();
    const auto scratch = store_.scratch(kKey).value();
    Changes changes{.fresh = {}, .stale = std::move(stale)};
    for (const auto& hole : holes) {
      changes.fresh.push_back({scratch->length(), 0});
      ASSERT_TRUE(spool(*scratch, hole));
      changes.fresh.back().end = scratch->length();
    }
    const auto out = store_.replace(kKey, kHead).value();
    const auto made = rewrite(file, *scratch, changes, *out, [](std::uint64_t) { return true; });
    ASSERT_TRUE(made) << made.error().message;
    auto info = file.head().info;
    info.attachments = made->attachments;
    info.file_length = out->length();
    ASSERT_TRUE(out->commit(media::make_head(info, tracks_, made->cues, kHead).value()));
  }

  // Payloads and times of a track in the file's order, and whether all that is known of the file is right.
  std::vector<std::pair<std::string, nanoseconds>> track(std::uint32_t number) {
    std::vector<std::pair<std::string, nanoseconds>> out;
    auto file = RecordedFile::open(store_, std::string(kKey)).value();
    for (const auto& part : file.parts()) {
      if (!part.is_cluster()) continue;
      for (const auto& packet : file.read(part).value()->packets)
        if (packet.track == number) out.emplace_back(as_text(packet.data), packet.pts);
    }
    return out;
  }
  static std::vector<std::pair<std::string, nanoseconds>> wanted(std::uint32_t number) {
    std::vector<std::pair<std::string, nanoseconds>> out;
    for (int second = 0; second < 4; ++second) {
      const Second source(second);
      for (const auto& packet : source.only(number)) out.emplace_back(as_text(packet.data), packet.pts);
    }
    return out;
  }
  void expect_whole() {
    for (const std::uint32_t number : {0u, 1u}) EXPECT_EQ(track(number), wanted(number)) << number;
    const auto file = RecordedFile::open(store_, std::string(kKey)).value();
    std::vector<std::uint64_t> times;
    for (const auto& cue : file.head().cues) {
      times.push_back(cue.time_ms);
      const auto at = std::ranges::find(file.parts(), cue.position, &RecordedFile::Part::position);
      EXPECT_TRUE(at != file.parts().end() && at->is_cluster()) << cue.time_ms;
    }
    EXPECT_THAT(times, ElementsAre(0, 1'000, 2'000, 3'000));
    const auto attachments = file.head().info.attachments;
    ASSERT_TRUE(attachments);
    EXPECT_NE(std::ranges::find(file.parts(), *attachments, &RecordedFile::Part::position), file.parts().end());
  }

  const std::vector<media::Track> tracks_ = two_tracks();
  const Second zero_{0}, one_{1}, two_{2}, three_{3};
  MemoryRecordings store_{kHead};
};

TEST_F(Rewrite, fills_a_hole_of_picture_and_sound) {
  record({zero_.all(), one_.all(), three_.all()});
  fill({two_.all()});
  expect_whole();
}

TEST_F(Rewrite, fills_a_hole_of_the_picture) {
  auto later = two_.only(1);
  for (const auto& packet : three_.all()) later.push_back(packet);
  record({zero_.all(), one_.all(), later});
  fill({two_.only(0)});
  expect_whole();
}

TEST_F(Rewrite, fills_holes_of_the_sound) {
  record({zero_.only(0), one_.all(), two_.only(0), three_.all()});
  fill({zero_.only(1), two_.only(1)});
  expect_whole();
}

TEST_F(Rewrite, fills_holes_at_both_ends_and_of_several_tracks_at_once) {
  record({one_.all(), two_.all()});
  fill({three_.only(1), three_.only(0), zero_.all()});
  expect_whole();
}

// What came of a segment is the begin of it in the order of decoding, and its last frame is cut.
TEST_F(Rewrite, completes_a_segment_that_came_cut_short) {
  auto begun = two_.all();
  auto rest = begun;
  begun.resize(31);
  rest.erase(rest.begin(), rest.begin() + 30);
  auto& cut = begun.back();
  cut.data = cut.data.first(2);
  const StalePacket stale{.track = cut.track, .pts = cut.pts, .bytes = 2};
  record({zero_.all(), one_.all(), begun, three_.all()});
  fill({rest}, {stale});
  expect_whole();
}

TEST_F(Rewrite, leaves_a_packet_out) {
  record({zero_.all(), one_.all(), two_.all(), three_.all()});
  const auto gone = two_.all()[5];
  fill({}, {{.track = gone.track, .pts = gone.pts, .bytes = gone.data.size()}});
  EXPECT_EQ(track(0).size() + track(1).size(), 4u * 75 - 1);
}

TEST_F(Rewrite, changes_no_byte_where_nothing_is_new) {
  record({zero_.all(), one_.all(), two_.all(), three_.all()});
  Bytes before(store_.size(kKey).value()), after(before.size());
  ASSERT_EQ(store_.read(kKey, 0, before).value(), before.size());
  fill({});
  ASSERT_EQ(store_.size(kKey).value(), before.size());
  ASSERT_EQ(store_.read(kKey, 0, after).value(), after.size());
  EXPECT_TRUE(before == after);
}

TEST_F(Rewrite, ends_when_it_is_told_to) {
  record({zero_.all(), one_.all()});
  auto file = RecordedFile::open(store_, std::string(kKey)).value();
  const auto scratch = store_.scratch(kKey).value();
  const auto out = store_.replace(kKey, kHead).value();
  const auto made = rewrite(file, *scratch, {}, *out, [](std::uint64_t) { return false; });
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, ErrorKind::cancelled);
}

TEST(RecordedFile, refuses_what_is_gone_or_was_cut) {
  MemoryRecordings store(kHead);
  EXPECT_EQ(RecordedFile::open(store, "a.mkv").error().kind, ErrorKind::not_found);
  const auto writer = store.open("a.mkv").value();
  ASSERT_TRUE(writer->begin_file(0, Bytes(kHead)));
  const media::HeadInfo longer{.file_length = kHead + 100};
  ASSERT_TRUE(writer->finish_file(media::make_head(longer, two_tracks(), {}, kHead).value()));
  EXPECT_EQ(RecordedFile::open(store, "a.mkv").error().kind, ErrorKind::corrupt);
}

}  // namespace
}  // namespace aircheck::recorder
