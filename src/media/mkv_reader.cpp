// Elements and clusters. The head: mkv_head_reader.cpp.
#include "media/mkv_reader.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "media/ebml.hpp"
#include "media/ebml_reader.hpp"

namespace aircheck::media {
namespace {

using namespace ebml;

constexpr std::uint64_t kLatestMs = 1'000ull * 3600 * 24 * 365;  // a year

std::unexpected<Error> cut_off(std::string_view what) {
  return fail(ErrorKind::corrupt, fmt::format("the recording is damaged: {}", what));
}

// A block, and what a BlockGroup says beside it.
struct Block {
  ByteView body;
  bool simple = true;
  bool refers = false;         // to another frame: no key frame
  std::uint64_t duration = 0;  // ms
};

class ClusterReader {
 public:
  explicit ClusterReader(std::span<const Track> tracks) : tracks_(tracks) {}

  Result<std::vector<Packet>> run(ByteView body) {
    ElementReader elements(body);
    while (const auto element = elements.next()) {
      if (elements.too_long()) return cut_off("an element is longer than its cluster");
      TRY(read(*element));
    }
    if (elements.cut()) return cut_off("an element's header");
    return std::move(out_);
  }

 private:
  Result<void> read(const ElementView& element) {
    switch (element.id) {
      case kTimestamp: cluster_ = number_of(element.body); return {};
      case kSimpleBlock: return read_block({.body = element.body});
      case kBlockGroup: return read_group(element.body);
      default: return {};
    }
  }

  Result<void> read_group(ByteView body) {
    Block block{.body = {}, .simple = false};
    ElementReader elements(body);
    while (const auto element = elements.next()) {
      if (element->id == kBlock) block.body = element->body;
      if (element->id == kBlockDuration) block.duration = number_of(element->body);
      if (element->id == kReferenceBlock) block.refers = true;
    }
    if (elements.cut() || elements.too_long()) return cut_off("a group of blocks");
    return read_block(block);
  }

  Result<void> read_block(const Block& block) {
    constexpr unsigned kKey = 0x80, kLacing = 0x06, kOneByte = 0x80;
    ByteReader in(block.body);
    const auto number = in.u8();
    const auto relative = static_cast<std::int16_t>(in.u16());
    const auto flags = in.u8();
    if (!in.ok() || !cluster_ || *cluster_ > kLatestMs) return cut_off("a block's header");
    if (flags & kLacing) return fail(ErrorKind::unsupported, "several frames in one block: no recording of ours");
    const auto track = std::ranges::find(tracks_, number & ~kOneByte, &Track::id);
    if (number < kOneByte || track == tracks_.end()) return cut_off("a block of an unknown track");
    const auto time = milliseconds{static_cast<std::int64_t>(*cluster_) + relative} - track->codec_delay;
    const bool is_key = block.simple ? (flags & kKey) != 0 : !block.refers;
    out_.push_back({.track = static_cast<std::uint32_t>(track - tracks_.begin()),
                    .key = is_key,
                    .pts = time,
                    .dts = time,
                    .duration = duration_of(block, *track),
                    .data = in.take(in.remaining())});
    return {};
  }

  static nanoseconds duration_of(const Block& block, const Track& track) {
    constexpr std::uint64_t kMost = 60'000;
    if (block.duration == 0 || block.duration > kMost) return track.default_duration;
    return milliseconds{static_cast<std::int64_t>(block.duration)};
  }

  std::span<const Track> tracks_;
  std::optional<std::uint64_t> cluster_;  // its timestamp, ms
  std::vector<Packet> out_;
};

}  // namespace

std::optional<MkvElement> read_mkv_element(ByteView bytes) {
  ElementReader elements(bytes);
  const auto element = elements.next();
  if (!element) return {};
  MkvElement out{.id = element->id, .unknown_size = element->unknown_size};
  out.header = static_cast<std::uint64_t>(element->body.data() - bytes.data());
  // The size again: the reader has cut the body to what there is.
  ByteReader in(bytes.subspan(id_length(out.id)));
  const auto length = out.header - id_length(out.id);
  const auto bits = 7 * length;
  out.body = in.big_endian(static_cast<std::size_t>(length)) & ((std::uint64_t{1} << bits) - 1);
  return out;
}

std::optional<std::uint64_t> mkv_cluster_time(ByteView bytes) {
  ElementReader elements(bytes);
  const auto element = elements.next();
  if (!element || element->id != kTimestamp || elements.too_long()) return {};
  return number_of(element->body);
}

Result<std::vector<Packet>> parse_mkv_cluster(ByteView body, std::span<const Track> tracks) {
  return ClusterReader(tracks).run(body);
}

}  // namespace aircheck::media
