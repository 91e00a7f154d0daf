#include "media/id3.hpp"

#include <algorithm>

namespace aircheck::media {
namespace {

constexpr std::size_t kHeader = 10;
constexpr std::string_view kTimestampOwner{"com.apple.streaming.transportStreamTimestamp\0", 45};

// Seven bits a byte.
std::uint32_t synchsafe(std::uint32_t value) {
  return (value & 0x7f) | (value >> 8 & 0x7f) << 7 | (value >> 16 & 0x7f) << 14 | (value >> 24 & 0x7f) << 21;
}

std::optional<std::uint64_t> read_timestamp(ByteView frame) {
  if (!as_text(frame).starts_with(kTimestampOwner)) return {};
  ByteReader in(frame.subspan(kTimestampOwner.size()));
  const auto time = in.u64();
  if (!in.ok()) return {};
  return time & 0x1'ffff'ffff;
}

}  // namespace

std::optional<Id3Tag> parse_id3(ByteView bytes) {
  if (bytes.size() < kHeader || as_text(bytes.first(3)) != "ID3") return {};
  ByteReader in(bytes);
  in.skip(3);
  const auto version = in.u8();
  in.skip(2);
  Id3Tag out;
  const std::size_t body = synchsafe(in.u32());
  out.size = kHeader + body;
  ByteReader frames(in.take(std::min(body, in.remaining())));
  while (frames.remaining() > kHeader) {
    const auto name = as_text(frames.take(4));
    const auto size = frames.u32();
    frames.skip(2);
    const auto frame = frames.take(version >= 4 ? synchsafe(size) : size);
    if (name[0] == '\0') break;  // padding
    if (name == "PRIV" && !out.timestamp) out.timestamp = read_timestamp(frame);
  }
  return out;
}

}  // namespace aircheck::media
