#pragma once
// For tests and benchmarks: makes transport streams by hand, so that their peculiarities are the test's own. Not thread-safe.

#include <map>
#include <optional>
#include <random>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "media/ts_psi.hpp"

namespace aircheck::media {

constexpr std::uint16_t kVideoPid = 0x100, kAudioPid = 0x101, kTablePid = 0x1000;

inline Bytes bytes_of(std::initializer_list<unsigned> values) {
  Bytes out;
  for (const auto value : values) out.push_back(static_cast<std::byte>(value));
  return out;
}

inline void append(Bytes& out, ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

class TsBuilder {
 public:
  Bytes bytes;
  bool scrambled = false;
  std::map<std::uint16_t, unsigned> continuity;  // the next counter of each PID

  /// PAT and PMT.
  void tables(const std::vector<TsEntry>& entries) {
    section(0, table(0, 1, {0, 1, 0xe0 | kTablePid >> 8, kTablePid & 0xff}));
    std::vector<unsigned> body{0xe0 | kVideoPid >> 8, kVideoPid & 0xff, 0xf0, 0};
    for (const auto& entry : entries)
      for (const unsigned byte : {unsigned{entry.type}, 0xe0u | entry.pid >> 8, entry.pid & 0xffu, 0xf0u, 0u})
        body.push_back(byte);
    section(kTablePid, table(2, 1, body));
  }
  void section(std::uint16_t pid, ByteView section) {
    Bytes payload{std::byte{0}};
    append(payload, section);
    payload.resize(184, std::byte{0xff});
    packet(pid, true, payload);
  }
  /// A PES packet with its own length where `bounded`; times at 90 kHz.
  void pes(std::uint16_t pid, std::optional<std::uint64_t> pts, std::optional<std::uint64_t> dts, ByteView payload,
           bool bounded = false) {
    Bytes out = bytes_of({0, 0, 1, pid == kVideoPid ? 0xe0u : 0xc0u, 0, 0, 0x80,
                          (pts ? 0x80u : 0u) | (dts ? 0x40u : 0u), (pts ? 5u : 0u) + (dts ? 5u : 0u)});
    if (pts) time(out, dts ? 3 : 2, *pts);
    if (dts) time(out, 1, *dts);
    append(out, payload);
    if (bounded) {
      out[4] = static_cast<std::byte>((out.size() - 6) >> 8);
      out[5] = static_cast<std::byte>(out.size() - 6);
    }
    packets(pid, true, out);
  }
  /// Payload without a start: what continues a PES packet.
  void packets(std::uint16_t pid, bool start, ByteView payload) {
    for (; !payload.empty(); start = false) {
      const auto size = std::min<std::size_t>(184, payload.size());
      packet(pid, start, payload.first(size));
      payload = payload.subspan(size);
    }
  }
  /// Shorter payloads are stuffed with an adaptation field.
  void packet(std::uint16_t pid, bool start, ByteView payload) {
    const auto stuffing = 184 - payload.size();
    const auto control = (scrambled ? 0xc0u : 0u) | (stuffing > 0 ? 0x30u : 0x10u) | (continuity[pid]++ & 0xf);
    append(bytes, bytes_of({0x47, (start ? 0x40u : 0u) | pid >> 8u, pid & 0xffu, control}));
    if (stuffing > 0) bytes.push_back(static_cast<std::byte>(stuffing - 1));
    if (stuffing > 1) bytes.push_back(std::byte{0});
    if (stuffing > 2) bytes.resize(bytes.size() + stuffing - 2, std::byte{0xff});
    append(bytes, payload);
  }

  /// A section of the table with its checksum.
  static Bytes table(unsigned id, unsigned number, const std::vector<unsigned>& body) {
    const auto length = static_cast<unsigned>(body.size()) + 9;
    Bytes out = bytes_of({id, 0xb0 | length >> 8, length & 0xff, number >> 8, number & 0xff, 0xc1, 0, 0});
    for (const auto byte : body) out.push_back(static_cast<std::byte>(byte));
    ByteWriter(out).u32(crc32_mpeg(out));
    return out;
  }

 private:
  static void time(Bytes& out, unsigned mark, std::uint64_t value) {
    append(out,
           bytes_of({mark << 4 | (static_cast<unsigned>(value >> 30) & 7) << 1 | 1,
                     static_cast<unsigned>(value >> 22) & 0xff, (static_cast<unsigned>(value >> 15) & 0x7f) << 1 | 1,
                     static_cast<unsigned>(value >> 7) & 0xff, (static_cast<unsigned>(value) & 0x7f) << 1 | 1}));
  }
};

/// NAL units without start codes: H.264 High, 320x180, 30 frames/s by its VUI.
inline const Bytes kTestSps = bytes_of({0x67, 0x64, 0x00, 0x0d, 0xac, 0xd9, 0x41, 0x41, 0x9f, 0x9f, 0x01, 0x10, 0x00,
                                        0x00, 0x03, 0x00, 0x10, 0x00, 0x00, 0x03, 0x03, 0xc0, 0xf1, 0x42, 0x99, 0x60});
inline const Bytes kTestPps = bytes_of({0x68, 0xef, 0x8f, 0xcb});

/// A slice that begins a picture; its content is noise of `size` bytes in which no start code occurs.
inline Bytes make_slice(bool idr, std::size_t size, unsigned seed = 1) {
  Bytes out = bytes_of({idr ? 0x65u : 0x41u, 0x88, 0x84});
  std::minstd_rand random(seed);
  while (out.size() < size) {
    const auto byte = static_cast<std::byte>(random() >> 8);
    out.push_back(out.back() == std::byte{0} && byte < std::byte{4} ? std::byte{0x80} : byte);
  }
  out.back() = std::byte{0x80};
  return out;
}

/// Start codes of four bytes before the first NAL unit and parameter sets, of three before others, as x264 writes them.
inline Bytes annex_b(const std::vector<Bytes>& nals) {
  Bytes out;
  for (const auto& nal : nals) {
    const auto type = std::to_integer<unsigned>(nal[0]) & 0x1f;
    if (out.empty() || type == 7 || type == 8) out.push_back(std::byte{0});
    append(out, bytes_of({0, 0, 1}));
    append(out, nal);
  }
  return out;
}

/// An access unit with a delimiter, and parameter sets where it is an IDR picture.
inline Bytes make_picture(bool idr, std::size_t size, unsigned seed = 1) {
  const auto delimiter = bytes_of({0x09, 0xf0});
  const auto slice = make_slice(idr, size, seed);
  return idr ? annex_b({delimiter, kTestSps, kTestPps, slice}) : annex_b({delimiter, slice});
}

/// An ADTS frame, AAC-LC, 48 kHz, stereo. `size` with its header.
inline Bytes make_adts(std::size_t size, unsigned fill = 0x21) {
  const auto length = static_cast<unsigned>(size);
  auto out = bytes_of({0xff, 0xf1, 0x4c, 0x80 | length >> 11, length >> 3 & 0xff, (length & 7) << 5 | 0x1f, 0xfc});
  out.resize(size, static_cast<std::byte>(fill));
  return out;
}

/// A segment as HLS packagers make them: a PES packet per picture, two AAC frames of 340 bytes in each PES packet of sound.
inline Bytes make_live_segment(std::size_t picture_bytes, int pictures) {
  TsBuilder out;
  out.tables({{kVideoPid, 0x1b}, {kAudioPid, 0x0f}});
  Bytes sound = make_adts(340);
  append(sound, make_adts(340));
  std::uint64_t sound_time = 90'000;
  for (int i = 0; i < pictures; ++i) {
    const auto time = 90'000 + static_cast<std::uint64_t>(i) * 3'000;
    out.pes(kVideoPid, time + 6'000, time, make_picture(i == 0, picture_bytes, static_cast<unsigned>(i + 1)));
    for (; sound_time < time + 3'000; sound_time += 3'840) out.pes(kAudioPid, sound_time, {}, sound, true);
  }
  return out.bytes;
}

}  // namespace aircheck::media
