#pragma once
// Elements of EBML (RFC 8794): a bounds-checked walk over borrowed bytes. Master elements of unknown size, as live writers
// leave them, are stepped into; what follows them is told by its id. Not thread-safe.

#include <bit>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace aircheck::media::ebml {

struct ElementView {
  std::uint32_t id = 0;
  bool unknown_size = false;
  ByteView body;  // all that is left where the size is unknown, or larger than what there is
};

/// Yields one element after the other, and steps into those that it is told to. A header that makes no sense, or a body that
/// is longer than what there is, ends the walk and sets `cut`.
class ElementReader {
 public:
  explicit ElementReader(ByteView bytes) : bytes_(bytes) {}

  std::optional<ElementView> next() {
    if (position_ == bytes_.size() || cut_) return {};
    ByteReader in(bytes_.subspan(position_));
    ElementView out;
    out.id = static_cast<std::uint32_t>(vint(in, 4, true));
    const auto size_at = in.position();
    const auto size = vint(in, 8, false);
    cut_ = !in.ok() || out.id == 0;
    if (cut_) return {};
    const auto bits = 7 * (in.position() - size_at);
    out.unknown_size = size == (std::uint64_t{1} << bits) - 1;
    body_ = position_ + in.position();
    const bool longer = out.unknown_size || size > in.remaining();
    too_long_ = longer && !out.unknown_size;
    out.body = bytes_.subspan(body_, longer ? in.remaining() : static_cast<std::size_t>(size));
    position_ = body_ + out.body.size();
    return out;
  }
  /// Goes on with the children of the element yielded last.
  void enter() { position_ = body_; }
  /// The element yielded last says to be longer than what there is: wanted whole, it is cut off.
  bool too_long() const { return too_long_; }
  bool cut() const { return cut_; }

 private:
  // A number whose length stands in front of its first bit that is set; the marker stays in ids. 0 and a failure otherwise.
  static std::uint64_t vint(ByteReader& in, std::size_t longest, bool keep_marker) {
    const auto first = in.u8();
    const auto more = static_cast<std::size_t>(std::countl_zero(first));
    if (more >= longest) {
      in.skip(in.remaining() + 1);
      return 0;
    }
    const std::uint64_t head = keep_marker ? first : first & (0x7fu >> more);
    return more == 0 ? head : head << (8 * more) | in.big_endian(more);
  }

  ByteView bytes_;
  std::size_t position_ = 0, body_ = 0;
  bool cut_ = false, too_long_ = false;
};

/// An unsigned integer of up to eight bytes; 0 where it is longer.
inline std::uint64_t number_of(ByteView body) {
  return body.size() <= 8 ? ByteReader(body).big_endian(body.size()) : 0;
}

/// A float of four or eight bytes, else 0.
inline double real_of(ByteView body) {
  ByteReader in(body);
  if (body.size() == 4) return std::bit_cast<float>(in.u32());
  return body.size() == 8 ? std::bit_cast<double>(in.u64()) : 0;
}

}  // namespace aircheck::media::ebml
