#pragma once
// Packets on their way from the network into a file, kept on the disk meanwhile: however long a hole is, memory has one packet
// of it. Written once, then read in the same order. Not thread-safe; borrows the scratch file.

#include <optional>
#include <span>

#include "core/ports.hpp"
#include "media/packet.hpp"

namespace aircheck::recorder {

/// Where packets that follow each other lie, bytes.
struct SpoolRange {
  std::uint64_t begin = 0, end = 0;
};

Result<void> spool(ScratchFile& scratch, std::span<const media::Packet> packets);

class SpoolReader {
 public:
  SpoolReader(ScratchFile& scratch, SpoolRange range) : scratch_(&scratch), range_(range) {}

  /// A packet and what it borrows from.
  struct Item {
    media::Packet packet;
    Bytes data;
  };
  /// The next one, without taking it; nothing at the end. To be called before take().
  Result<const Item*> peek();
  Item take();

 private:
  ScratchFile* scratch_;
  SpoolRange range_;
  std::optional<Item> next_;
};

}  // namespace aircheck::recorder
