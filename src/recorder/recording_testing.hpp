#pragma once
// A stream of two-second segments in memory, and what a recording of it has to be.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "core/memory.hpp"
#include "recorder/assembler.hpp"
#include "recorder/recording.hpp"

namespace aircheck::recorder {

inline constexpr std::string_view kKey = "recordings/2026/11/test.mkv";

inline media::Track video_track(std::uint32_t width = 320) {
  media::Track track;
  track.kind = media::TrackKind::video;
  track.codec = media::Codec::vp9;  // without parameter sets of its own
  track.width = width;
  track.height = 180;
  return track;
}

inline media::Track audio_track(std::uint32_t rate = 48'000) {
  media::Track track;
  track.kind = media::TrackKind::audio;
  track.codec = media::Codec::aac;
  track.codec_private = Bytes(2, std::byte{0x11});
  track.sample_rate = rate;
  track.channels = 2;
  return track;
}

// Segment `number` of two seconds: fifty frames of video, forty of audio, each payload naming its segment.
inline capture::Piece piece(std::uint64_t number, std::uint32_t rate = 48'000) {
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
inline capture::Piece only(std::uint32_t track, capture::Piece piece, nanoseconds shift = nanoseconds{0}) {
  std::erase_if(piece.media.packets, [track](auto& packet) { return packet.track != track; });
  for (auto& packet : piece.media.packets) {
    packet.track = 0;
    packet.pts += shift;
    packet.dts += shift;
  }
  piece.media.tracks = {piece.media.tracks[track]};
  return piece;
}

inline Bytes content(RecordingStore& store, const std::string& key) {
  Bytes out(store.size(key).value_or(0));
  EXPECT_EQ(store.read(key, 0, out).value_or(0), out.size());
  return out;
}

// What follows the head: identical, however often the recorder was lost on the way.
inline Bytes clusters(RecordingStore& store, const std::string& key = std::string(kKey)) {
  auto bytes = content(store, key);
  bytes.erase(bytes.begin(), bytes.begin() + 4096);
  return bytes;
}

inline void write_pieces(Recording& recording, Assembler& assembler, std::uint64_t first, std::uint64_t end) {
  for (auto i = first; i < end; ++i) {
    assembler.push(0, piece(i));
    while (auto batch = assembler.next()) ASSERT_TRUE(recording.write(*batch));
    assembler.release();
  }
}

inline Bytes uninterrupted(std::uint64_t count) {
  MemoryRecordings store;
  auto writer = *store.open(kKey);
  auto recording = *Recording::open(*writer);
  Assembler assembler(1, {}, {});
  write_pieces(recording, assembler, 0, count);
  EXPECT_TRUE(recording.finish("broadcaster", {}));
  return clusters(store);
}

// Hands everything on. What a test wants otherwise it overrides.
class WriterAround : public RecordingWriter {
 public:
  explicit WriterAround(RecordingWriter& inner) : inner_(inner) {}
  const std::vector<std::string>& journal() const override { return inner_.journal(); }
  std::size_t head_size() const override { return inner_.head_size(); }
  Result<void> begin_file(int index, ByteView head) override { return inner_.begin_file(index, head); }
  Result<void> reopen_file(int index, std::uint64_t length) override { return inner_.reopen_file(index, length); }
  Result<void> append(std::span<const ByteView> pieces) override { return inner_.append(pieces); }
  std::uint64_t length() const override { return inner_.length(); }
  Result<void> commit(std::string_view line) override { return inner_.commit(line); }
  Result<void> finish_file(Bytes head) override { return inner_.finish_file(std::move(head)); }
  Result<void> close() override { return inner_.close(); }

 private:
  RecordingWriter& inner_;
};

}  // namespace aircheck::recorder
