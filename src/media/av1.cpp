#include "media/av1.hpp"

#include "media/bit_reader.hpp"

namespace aircheck::media {
namespace {

constexpr std::size_t kBeforeHeaders = 4;
constexpr std::uint32_t kSequenceHeader = 1, kMetadata = 5;     // OBU types (§6.2.2)
constexpr std::uint64_t kLightLevel = 1, kMastering = 2;        // metadata types (§6.7.1)
constexpr std::uint32_t kBt709 = 1, kSrgb = 13, kIdentity = 0;  // H.273

// §4.10.5; more than 56 bits are not to be had.
std::uint64_t leb128(ByteReader& in) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 56; shift += 7) {
    const auto byte = in.u8();
    value |= std::uint64_t{byte & 0x7fu} << shift;
    if ((byte & 0x80) == 0) break;
  }
  return value;
}

// §4.10.3
void skip_uvlc(BitReader& in) {
  std::size_t zeroes = 0;
  while (in.ok() && zeroes < 32 && !in.flag()) ++zeroes;
  if (zeroes < 32) in.skip(zeroes);
}

// §5.5.3, §5.5.4; returns how wide delays are, 0 without a decoder model.
std::uint32_t skip_timing(BitReader& in) {
  in.skip(64);
  if (in.flag()) skip_uvlc(in);
  if (!in.flag()) return 0;
  const auto width = in.u32(5) + 1;
  in.skip(42);
  return width;
}

// §5.5.1, the operating points
void skip_operating_points(BitReader& in) {
  const auto delay_width = in.flag() ? skip_timing(in) : 0;
  const bool display_delays = in.flag();
  for (auto left = in.u32(5) + 1; left > 0 && in.ok(); --left) {
    in.skip(12);
    if (in.u32(5) > 7) in.skip(1);
    if (delay_width > 0 && in.flag()) in.skip(2 * std::size_t{delay_width} + 1);
    if (display_delays && in.flag()) in.skip(4);
  }
}

// §5.5.1, from the frame's size on
void skip_coding_tools(BitReader& in, bool reduced) {
  const auto width = in.u32(4) + 1, height = in.u32(4) + 1;
  in.skip(std::size_t{width} + height);
  if (!reduced && in.flag()) in.skip(7);  // frame ids
  in.skip(3);
  if (!reduced) {
    in.skip(4);
    const bool order_hint = in.flag();
    if (order_hint) in.skip(2);
    const bool screen_content = in.flag() || in.flag();  // to be chosen, or forced
    if (screen_content && !in.flag()) in.skip(1);
    if (order_hint) in.skip(3);
  }
  in.skip(3);
}

// §5.5.2
void read_colour(BitReader& in, std::uint32_t profile, Colour& out) {
  const bool high_depth = in.flag();
  if (profile == 2 && high_depth) in.skip(1);
  const bool monochrome = profile != 1 && in.flag();
  std::uint32_t primaries = Colour::kUnspecified, transfer = Colour::kUnspecified, matrix = Colour::kUnspecified;
  if (in.flag()) {
    primaries = in.u32(8);
    transfer = in.u32(8);
    matrix = in.u32(8);
  }
  const bool rgb = !monochrome && primaries == kBt709 && transfer == kSrgb && matrix == kIdentity;
  const bool full = rgb || in.flag();
  if (in.ok())
    out.set(static_cast<std::uint8_t>(primaries), static_cast<std::uint8_t>(transfer),
            static_cast<std::uint8_t>(matrix), full);
}

void read_sequence_header(ByteView body, Colour& out) {
  BitReader in(body);
  const auto profile = in.u32(3);
  in.skip(1);
  const bool reduced = in.flag();
  if (reduced) in.skip(5);
  else skip_operating_points(in);
  skip_coding_tools(in, reduced);
  read_colour(in, profile, out);
}

// §5.8.4: red, green, blue and white in 1/65,536; luminance in 1/256 and 1/16,384 cd/m².
void read_mastering(ByteReader& in, Colour& colour) {
  Mastering out;
  for (auto& value : out.chromaticities) value = in.u16() / 65'536.0;
  out.max_luminance = in.u32() / 256.0;
  out.min_luminance = in.u32() / 16'384.0;
  if (in.ok()) colour.mastering = out;
}

void read_metadata(ByteView body, Colour& out) {
  ByteReader in(body);
  const auto type = leb128(in);
  if (type == kMastering) return read_mastering(in, out);
  if (type != kLightLevel) return;
  const auto most = in.u16(), average = in.u16();
  if (!in.ok()) return;
  out.max_cll = most;
  out.max_fall = average;
}

}  // namespace

Colour av1_colour(ByteView config) {
  Colour out;
  ByteReader in(config);
  in.skip(kBeforeHeaders);
  while (in.ok() && in.remaining() > 0) {
    const auto head = in.u8();
    if ((head & 4u) != 0) in.skip(1);  // an extension
    const auto size = (head & 2u) != 0 ? leb128(in) : in.remaining();
    if (size > in.remaining()) break;
    const auto body = in.take(static_cast<std::size_t>(size));
    if ((head >> 3 & 15u) == kSequenceHeader) read_sequence_header(body, out);
    if ((head >> 3 & 15u) == kMetadata) read_metadata(body, out);
  }
  return out;
}

}  // namespace aircheck::media
