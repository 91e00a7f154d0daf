#pragma once
// ID3v2 tags as far as HLS uses them: their size, and the transport stream timestamp that packed audio carries (RFC 8216 §3.4).
// Pure.

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace aircheck::media {

struct Id3Tag {
  std::size_t size = 0;                    // all of it
  std::optional<std::uint64_t> timestamp;  // 33 bits at 90 kHz
  bool operator==(const Id3Tag&) const = default;
};

/// The tag that begins here. Its size may reach beyond `bytes`.
std::optional<Id3Tag> parse_id3(ByteView bytes);

}  // namespace aircheck::media
