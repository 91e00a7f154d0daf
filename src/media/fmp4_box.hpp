#pragma once
// Boxes of ISO base media files (ISO/IEC 14496-12 §4.2): a bounds-checked walk over borrowed bytes. Not thread-safe.

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace aircheck::media {

/// "moov" → its number.
constexpr std::uint32_t box_type(const char (&name)[5]) {
  std::uint32_t out = 0;
  for (int i = 0; i < 4; ++i) out = out << 8 | static_cast<unsigned char>(name[i]);
  return out;
}

struct Box {
  std::uint32_t type = 0;
  std::size_t offset = 0;  // of its header, from the start of what is walked over
  ByteView body;
};

/// Yields one box after the other. A box that says to be longer than what there is ends the walk and sets `cut`.
class BoxReader {
 public:
  explicit BoxReader(ByteView bytes) : bytes_(bytes) {}

  std::optional<Box> next() {
    if (position_ == bytes_.size() || cut_) return {};
    ByteReader in(bytes_.subspan(position_));
    std::uint64_t size = in.u32();
    Box box{.type = in.u32(), .offset = position_};
    cut_type_ = box.type;
    if (size == 1) size = in.u64();
    else if (size == 0) size = bytes_.size() - position_;  // up to the end
    const auto header = in.position();
    cut_ = !in.ok() || size < header || size > bytes_.size() - position_;
    if (cut_) return {};
    box.body = bytes_.subspan(position_ + header, static_cast<std::size_t>(size) - header);
    position_ += static_cast<std::size_t>(size);
    return box;
  }
  bool cut() const { return cut_; }
  /// Of the box that is cut; 0 where not even its header is there.
  std::uint32_t cut_type() const { return cut_type_; }

 private:
  ByteView bytes_;
  std::size_t position_ = 0;
  bool cut_ = false;
  std::uint32_t cut_type_ = 0;
};

/// The first box of the type among those that follow each other in `bytes`.
inline std::optional<ByteView> find_box(ByteView bytes, std::uint32_t type) {
  BoxReader boxes(bytes);
  while (const auto box = boxes.next())
    if (box->type == type) return box->body;
  return {};
}

/// Version and flags of a "full" box.
struct FullBox {
  std::uint8_t version = 0;
  std::uint32_t flags = 0;
  static FullBox read(ByteReader& in) {
    const auto version = in.u8();
    return {version, in.u24()};
  }
  /// Times and the like that version 1 widens from 32 to 64 bits.
  std::uint64_t wide(ByteReader& in) const { return version == 1 ? in.u64() : in.u32(); }
};

}  // namespace aircheck::media
