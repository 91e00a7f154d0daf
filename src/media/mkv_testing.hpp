#pragma once
// For tests: demuxed segments into a Matroska file, and MKVToolNix and FFmpeg as its judges. Not thread-safe.

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <span>
#include <string>

#include "media/ebml.hpp"
#include "media/mkv_cluster.hpp"
#include "media/oracle_testing.hpp"

namespace aircheck::media {

constexpr std::size_t kTestHead = 32'768;

inline void append_to(std::ofstream& out, ByteView bytes) {
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

/// The first time on the file's clock, where an Opus track's delay counts.
inline nanoseconds earliest(const DemuxedSegment& segment) {
  auto out = nanoseconds::max();
  for (const auto& packet : segment.packets) out = std::min(out, packet.pts + segment.tracks[packet.track].codec_delay);
  return out;
}

/// A finished file: head with cues in front, then the clusters.
inline void write_file(const std::filesystem::path& path, std::span<const Track> tracks,
                       std::initializer_list<const MuxedPackets*> parts) {
  HeadInfo info{.writing_app = "test", .title = "a title", .duration = nanoseconds{0}, .file_length = kTestHead};
  info.uid.fill(std::byte{7});
  std::vector<Cue> cues;
  for (const auto* part : parts) {
    info.duration = std::max(*info.duration, part->end);
    *info.file_length += part->bytes;
    cues.insert(cues.end(), part->cues.begin(), part->cues.end());
  }
  const auto head = make_head(info, tracks, cues, kTestHead);
  ASSERT_TRUE(head) << head.error().message;
  std::ofstream out(path, std::ios::binary);
  append_to(out, *head);
  for (const auto* part : parts)
    for (const auto piece : part->pieces) append_to(out, piece);
}

inline bool write_matroska(const std::filesystem::path& path, const DemuxedSegment& segment, nanoseconds offset) {
  const auto muxed = mux_clusters(segment.packets, offset, kTestHead, segment.tracks);
  EXPECT_TRUE(muxed) << muxed.error().message;
  if (muxed) write_file(path, segment.tracks, {&*muxed});
  return muxed.has_value();
}

/// An element of EBML as tests look at it.
struct Element {
  std::uint32_t id = 0;
  std::size_t offset = 0;  // of the id, in what was read
  ByteView body;
};

inline std::uint64_t read_vint(ByteReader& in, bool keep_marker) {
  const std::uint64_t first = in.u8();
  const auto more = first == 0 ? 7u : static_cast<unsigned>(std::countl_zero(static_cast<std::uint8_t>(first)));
  const auto head = keep_marker ? first : first & (0x7fu >> more);
  return head << (8 * more) | in.big_endian(more == 0 ? 0 : more);
}

/// The elements that follow each other in `bytes`. One of unknown size reaches to the end.
inline std::vector<Element> read_elements(ByteView bytes) {
  constexpr std::uint64_t kUnknown = 0x00ffffffffffffff;
  std::vector<Element> out;
  ByteReader in(bytes);
  while (!in.at_end()) {
    Element element{.offset = in.position()};
    element.id = static_cast<std::uint32_t>(read_vint(in, true));
    auto size = read_vint(in, false);
    if (size == kUnknown) size = in.remaining();
    element.body = in.take(static_cast<std::size_t>(size));
    EXPECT_TRUE(in.ok()) << "element " << element.id << " is cut off";
    if (!in.ok()) break;
    out.push_back(element);
  }
  return out;
}

inline std::vector<Element> find_elements(ByteView bytes, std::uint32_t id) {
  auto out = read_elements(bytes);
  std::erase_if(out, [id](const auto& element) { return element.id != id; });
  return out;
}

inline std::uint64_t read_number(const Element& element) {
  return ByteReader(element.body).big_endian(element.body.size());
}

/// The number of the only such element.
inline std::uint64_t find_number(ByteView bytes, std::uint32_t id) {
  const auto found = find_elements(bytes, id);
  EXPECT_EQ(found.size(), 1u);
  return found.empty() ? 0 : read_number(found.front());
}

/// FFmpeg decodes all of it without a word, and MKVToolNix has nothing to say against it.
inline void expect_sound(const std::filesystem::path& path) {
  EXPECT_EQ(run_oracle(fmt::format("ffmpeg -nostdin -v warning -xerror -i {} -map 0 -f null -", path.string())), "");
  const auto known = run_oracle(fmt::format("mkvmerge -J {}", path.string()));
  EXPECT_NE(known.find("\"warnings\": []"), std::string::npos) << known;
  EXPECT_NE(known.find("\"errors\": []"), std::string::npos) << known;
  EXPECT_EQ(run_oracle(fmt::format("mkvmerge -q -o {0}.again {0} && rm {0}.again", path.string())), "");
}

/// `segment`, which is that file's, becomes Matroska with the packets, formats and times that FFmpeg finds in the file; its times
/// are `late` seconds behind the standard's, and `tolerance` seconds inexact.
inline void expect_same_in_matroska(const OracleFolder& folder, std::string_view file, const DemuxedSegment& segment,
                                    double tolerance, double late = 0) {
  const auto source = folder.file(file), made = folder.file("made.mkv");
  const auto offset = -earliest(segment);
  ASSERT_TRUE(write_matroska(made, segment, offset));
  const auto moved = std::chrono::duration<double>(offset).count() - late;
  for (const auto& track : segment.tracks) {
    const char kind = track.kind == TrackKind::video ? 'v' : 'a';
    constexpr std::string_view kFields = "codec_name,width,height,sample_rate,channels,sample_aspect_ratio";
    EXPECT_EQ(probe_stream(made, kind, kFields), probe_stream(source, kind, kFields));
    const auto wanted = probe_packets(source, kind), ours = probe_packets(made, kind);
    ASSERT_EQ(ours.size(), wanted.size());
    for (std::size_t i = 0; i < ours.size(); ++i) {
      ASSERT_EQ(ours[i].md5, wanted[i].md5) << kind << i;
      ASSERT_EQ(ours[i].key, wanted[i].key) << kind << i;
      ASSERT_NEAR(ours[i].pts, wanted[i].pts + moved, tolerance) << kind << i;
    }
  }
  expect_sound(made);
}

}  // namespace aircheck::media
