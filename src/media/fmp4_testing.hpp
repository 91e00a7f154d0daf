#pragma once
// For tests: MP4 boxes built by hand, so that each peculiarity can be had alone.

#include <initializer_list>
#include <string_view>

#include "base/bytes.hpp"

namespace aircheck::media {

inline Bytes operator+(Bytes left, const Bytes& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}
inline Bytes u16(std::uint64_t value) {
  Bytes out;
  ByteWriter(out).big_endian(value, 2);
  return out;
}
inline Bytes u32(std::uint64_t value) {
  Bytes out;
  ByteWriter(out).big_endian(value & 0xffffffff, 4);
  return out;
}
inline Bytes u64(std::uint64_t value) {
  Bytes out;
  ByteWriter(out).u64(value);
  return out;
}
inline Bytes zeroes(std::size_t count) { return Bytes(count); }
inline Bytes raw_text(std::string_view text) {
  const auto bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}
inline Bytes make_box(std::string_view type, const Bytes& body) { return u32(body.size() + 8) + raw_text(type) + body; }
/// The same with its size in 64 bits.
inline Bytes make_long_box(std::string_view type, const Bytes& body) {
  return u32(1) + raw_text(type) + u64(body.size() + 16) + body;
}
inline Bytes make_full_box(std::string_view type, unsigned version, unsigned flags, const Bytes& body) {
  return make_box(type, u32(version << 24 | flags) + body);
}

/// A sample entry of 320 × 180 pixels.
inline Bytes make_video_entry(std::string_view type, const Bytes& boxes) {
  return make_box(type, zeroes(24) + u16(320) + u16(180) + zeroes(50) + boxes);
}
inline Bytes make_av1_entry() { return make_video_entry("av01", make_box("av1C", u32(0x81000c00))); }
/// Stereo at 48 kHz.
inline Bytes make_audio_entry(std::string_view type, const Bytes& boxes) {
  return make_box(type, zeroes(16) + u16(2) + zeroes(6) + u32(48'000u << 16) + boxes);
}
inline Bytes make_opus_entry(unsigned pre_skip) {
  return make_audio_entry("Opus", make_box("dOps", Bytes{std::byte{0}, std::byte{2}} + u16(pre_skip) + u32(44'100) +
                                                       u16(0xff00) + zeroes(1)));
}

struct TrackRecipe {
  unsigned id = 1;
  std::string_view handler = "vide";
  Bytes entry = make_av1_entry();
  unsigned timescale = 1'000;
  Bytes edits{};  // an elst box
};

inline Bytes make_trak(const TrackRecipe& recipe) {
  const auto description = make_full_box("stsd", 0, 0, u32(1) + recipe.entry);
  const auto mdia = make_full_box("mdhd", 0, 0, zeroes(8) + u32(recipe.timescale) + zeroes(8)) +
                    make_full_box("hdlr", 0, 0, zeroes(4) + raw_text(recipe.handler) + zeroes(13)) +
                    make_box("minf", make_box("stbl", description));
  const auto edits = recipe.edits.empty() ? Bytes{} : make_box("edts", recipe.edits);
  return make_box(
      "trak", make_full_box("tkhd", 0, 0, zeroes(8) + u32(recipe.id) + zeroes(68)) + edits + make_box("mdia", mdia));
}

/// With a movie timescale of 600.
inline Bytes make_moov(std::initializer_list<TrackRecipe> tracks, const Bytes& mvex = {}) {
  auto body = make_full_box("mvhd", 0, 0, zeroes(8) + u32(600) + zeroes(84));
  for (const auto& track : tracks) body = body + make_trak(track);
  return make_box("moov", body + make_box("mvex", mvex));
}

inline Bytes make_trex(unsigned id, unsigned duration, unsigned size, unsigned flags) {
  return make_full_box("trex", 0, 0, u32(id) + u32(1) + u32(duration) + u32(size) + u32(flags));
}
inline Bytes make_traf(const Bytes& tfhd, std::uint64_t decode_time, const Bytes& runs) {
  return make_box("traf", tfhd + make_full_box("tfdt", 1, 0, u64(decode_time)) + runs);
}
/// Data offsets count from the moof.
inline Bytes make_tfhd(unsigned id) { return make_full_box("tfhd", 0, 0x20000, u32(id)); }
inline Bytes make_moof(const Bytes& trafs) { return make_box("moof", make_full_box("mfhd", 0, 0, u32(1)) + trafs); }

}  // namespace aircheck::media
