#pragma once
// EBML (RFC 8794): the ids of Matroska's elements, and a writer that appends elements to a buffer. Pure.

#include <bit>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"

namespace aircheck::media::ebml {

/// Matroska counts dates from the start of 2001.
inline constexpr std::chrono::sys_days kMatroskaEpoch{std::chrono::year{2001} / 1 / 1};

enum Id : std::uint32_t {
  kEbml = 0x1A45DFA3,
  kEbmlVersion = 0x4286,
  kEbmlReadVersion = 0x42F7,
  kEbmlMaxIdLength = 0x42F2,
  kEbmlMaxSizeLength = 0x42F3,
  kDocType = 0x4282,
  kDocTypeVersion = 0x4287,
  kDocTypeReadVersion = 0x4285,
  kVoid = 0xEC,
  kSegment = 0x18538067,
  kSeekHead = 0x114D9B74,
  kSeek = 0x4DBB,
  kSeekId = 0x53AB,
  kSeekPosition = 0x53AC,
  kInfo = 0x1549A966,
  kSegmentUid = 0x73A4,
  kTimestampScale = 0x2AD7B1,
  kDuration = 0x4489,
  kDateUtc = 0x4461,
  kTitle = 0x7BA9,
  kMuxingApp = 0x4D80,
  kWritingApp = 0x5741,
  kTracks = 0x1654AE6B,
  kTrackEntry = 0xAE,
  kTrackNumber = 0xD7,
  kTrackUid = 0x73C5,
  kTrackType = 0x83,
  kFlagLacing = 0x9C,
  kDefaultDuration = 0x23E383,
  kLanguage = 0x22B59C,
  kCodecId = 0x86,
  kCodecPrivate = 0x63A2,
  kCodecDelay = 0x56AA,
  kSeekPreRoll = 0x56BB,
  kVideo = 0xE0,
  kPixelWidth = 0xB0,
  kPixelHeight = 0xBA,
  kDisplayWidth = 0x54B0,
  kDisplayHeight = 0x54BA,
  kColour = 0x55B0,
  kMatrixCoefficients = 0x55B1,
  kRange = 0x55B9,
  kTransferCharacteristics = 0x55BA,
  kPrimaries = 0x55BB,
  kMaxCll = 0x55BC,
  kMaxFall = 0x55BD,
  kMasteringMetadata = 0x55D0,
  kPrimaryRChromaticityX = 0x55D1,  // and seven more in a row: its y, green, blue, white
  kLuminanceMax = 0x55D9,
  kLuminanceMin = 0x55DA,
  kAudio = 0xE1,
  kSamplingFrequency = 0xB5,
  kChannels = 0x9F,
  kCues = 0x1C53BB6B,
  kCuePoint = 0xBB,
  kCueTime = 0xB3,
  kCueTrackPositions = 0xB7,
  kCueTrack = 0xF7,
  kCueClusterPosition = 0xF1,
  kCluster = 0x1F43B675,
  kTimestamp = 0xE7,
  kSimpleBlock = 0xA3,
  kBlockGroup = 0xA0,
  kBlock = 0xA1,
  kBlockDuration = 0x9B,
  kReferenceBlock = 0xFB,
  kContentEncodings = 0x6D80,
  kChapters = 0x1043A770,
  kEditionEntry = 0x45B9,
  kChapterAtom = 0xB6,
  kChapterUid = 0x73C4,
  kChapterTimeStart = 0x91,
  kChapterDisplay = 0x80,
  kChapterString = 0x85,
  kChapterLanguage = 0x437C,
  kTags = 0x1254C367,
  kTag = 0x7373,
  kTargets = 0x63C0,
  kSimpleTag = 0x67C8,
  kTagName = 0x45A3,
  kTagString = 0x4487,
  kAttachments = 0x1941A469,
  kAttachedFile = 0x61A7,
  kFileDescription = 0x467E,
  kFileName = 0x466E,
  kFileMediaType = 0x4660,
  kFileData = 0x465C,
  kFileUid = 0x46AE,
};

constexpr std::size_t id_length(std::uint32_t id) { return id > 0xFFFFFF ? 4 : id > 0xFFFF ? 3 : id > 0xFF ? 2 : 1; }
constexpr std::size_t size_length(std::uint64_t size) {
  std::size_t length = 1;
  while (length < 8 && size >= (std::uint64_t{1} << (7 * length)) - 1) ++length;
  return length;
}
constexpr std::size_t uint_length(std::uint64_t value) {
  std::size_t length = 1;
  while (length < 8 && value >> (8 * length)) ++length;
  return length;
}

inline void put_id(Bytes& out, std::uint32_t id) { ByteWriter(out).big_endian(id, id_length(id)); }
/// A size of exactly `length` bytes (1 to 8).
inline void put_size(Bytes& out, std::uint64_t size, std::size_t length) {
  ByteWriter(out).big_endian(size | std::uint64_t{1} << (7 * length), length);
}
inline void put_size(Bytes& out, std::uint64_t size) { put_size(out, size, size_length(size)); }
inline void put_unknown_size(Bytes& out) { ByteWriter(out).big_endian(0x01FFFFFFFFFFFFFF, 8); }
inline void put_binary(Bytes& out, std::uint32_t id, ByteView value) {
  put_id(out, id);
  put_size(out, value.size());
  ByteWriter(out).raw(value);
}
inline void put_text(Bytes& out, std::uint32_t id, std::string_view value) { put_binary(out, id, as_bytes(value)); }
inline void put_uint(Bytes& out, std::uint32_t id, std::uint64_t value, std::size_t width = 0) {
  if (width == 0) width = uint_length(value);
  put_id(out, id);
  put_size(out, width);
  ByteWriter(out).big_endian(value, width);
}
inline void put_float(Bytes& out, std::uint32_t id, double value) {
  put_uint(out, id, std::bit_cast<std::uint64_t>(value), 8);
}
/// The beginning of an element that fills `total` bytes, 0 or at least 2, with zeros.
inline void begin_void(Bytes& out, std::size_t total) {
  if (total < 2) return;
  const std::size_t length = total < 129 ? 1 : 8;
  put_id(out, kVoid);
  put_size(out, total - 1 - length, length);
}

}  // namespace aircheck::media::ebml
