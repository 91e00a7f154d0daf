#pragma once
// Program tables of a transport stream (ISO/IEC 13818-1 §2.4.4): sections put together out of packets, and what PAT and PMT
// say. Sections whose checksum is wrong are left out. Not thread-safe; owns its copies.

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "media/ts_packet.hpp"

namespace aircheck::media {

/// Puts the sections of one PID together.
class TsSections {
 public:
  /// Takes a packet of the PID in. Complete sections then stand in take().
  void push(const TsPacket& packet);
  /// The next complete section with a right checksum, without that.
  std::optional<Bytes> take();

 private:
  Bytes pending_;
  bool synced_ = false;  // pending_ begins where a section begins
};

struct TsProgram {
  std::uint16_t number = 0, table_pid = 0;
  bool operator==(const TsProgram&) const = default;
};

/// What a PMT says of one elementary stream.
struct TsEntry {
  std::uint16_t pid = 0;
  std::uint8_t type = 0;  // stream_type; private data (6) is replaced by what its descriptors say: AC-3 81, HEVC 24
  bool operator==(const TsEntry&) const = default;
};

/// The programs of a PAT section; empty for any other section.
std::vector<TsProgram> parse_pat(ByteView section);
/// The streams of a PMT section, in order; nothing for any other section.
std::optional<std::vector<TsEntry>> parse_pmt(ByteView section);

/// CRC-32/MPEG-2, as sections end with it.
std::uint32_t crc32_mpeg(ByteView bytes);

}  // namespace aircheck::media
