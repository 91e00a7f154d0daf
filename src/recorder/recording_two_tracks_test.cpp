// Picture and sound apart.
#include "recorder/recording_testing.hpp"

namespace aircheck::recorder {
namespace {

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
        for (std::size_t track : {0u, 1u}) {
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

}  // namespace
}  // namespace aircheck::recorder
