// Clusters into packets. The header: webm_init.cpp.
#include "media/webm.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "media/ebml.hpp"
#include "media/ebml_reader.hpp"

namespace aircheck::media {
namespace {

using namespace ebml;

constexpr nanoseconds kLatest = std::chrono::hours{24 * 365 * 68};

std::unexpected<Error> cut_off(std::string_view what) {
  return fail(ErrorKind::corrupt, fmt::format("the fragment is cut off or broken: {}", what));
}

// What a BlockGroup says beside its block.
struct Group {
  ByteView block;
  std::optional<std::uint64_t> duration;  // ticks
  bool refers = false;                    // to another frame: no key frame
};

class ClusterReader {
 public:
  explicit ClusterReader(const WebmInit& init) : init_(init) { out_.tracks = init.tracks; }

  Result<DemuxedSegment> run(ByteView fragment) {
    ElementReader elements(fragment);
    while (const auto element = elements.next()) {
      if (element->id == kSegment || element->id == kCluster) {
        // Its blocks are looked at one by one; one of known size must be all there, or some would be missing silently.
        if (element->id == kCluster && elements.too_long()) return cut_off("a cluster");
        if (element->id == kCluster) cluster_.reset();
        elements.enter();
        continue;
      }
      if (elements.too_long()) return cut_off("an element is longer than what there is");
      TRY(read(*element));
    }
    if (elements.cut()) return cut_off("an element's header");
    if (out_.packets.empty()) return cut_off("it has no blocks");
    finish();
    return std::move(out_);
  }

 private:
  Result<void> read(const ElementView& element) {
    switch (element.id) {
      case kTimestamp: cluster_ = number_of(element.body); return {};
      case kSimpleBlock: return read_block(element.body, {}, true);
      case kBlockGroup: return read_group(element.body);
      default: return {};
    }
  }

  Result<void> read_group(ByteView body) {
    Group group;
    ElementReader elements(body);
    while (const auto element = elements.next()) {
      if (element->id == kBlock) group.block = element->body;
      if (element->id == kBlockDuration) group.duration = number_of(element->body);
      if (element->id == kReferenceBlock) group.refers = true;
    }
    if (elements.cut() || elements.too_long()) return cut_off("a block's group");
    return read_block(group.block, group, false);
  }

  Result<void> read_block(ByteView body, const Group& group, bool simple) {
    constexpr unsigned kKey = 0x80, kLacing = 0x06;
    ByteReader in(body);
    const auto number = track_number(in);
    const auto relative = static_cast<std::int16_t>(in.u16());
    const auto flags = in.u8();
    if (!in.ok() || !cluster_) return cut_off("a block's header");
    const auto track = std::ranges::find(init_.tracks, number, &Track::id);
    if (track == init_.tracks.end()) return {};
    if (flags & kLacing) return fail(ErrorKind::unsupported, "several frames in one block");
    const auto time = TRY(time_of(relative));
    if (in.remaining() == 0) return {};
    out_.packets.push_back({.track = static_cast<std::uint32_t>(track - init_.tracks.begin()),
                            .key = track->kind == TrackKind::audio || (simple ? (flags & kKey) != 0 : !group.refers),
                            .pts = time - track->codec_delay,
                            .dts = time - track->codec_delay,
                            .duration = duration_of(group, *track),
                            .data = in.take(in.remaining())});
    return {};
  }

  // One byte for the first 127 tracks, two for more; nobody has those.
  static std::uint32_t track_number(ByteReader& in) {
    const auto first = in.u8();
    return first >= 0x80 ? first & 0x7fu : (first & 0x3fu) << 8 | in.u8();
  }

  Result<nanoseconds> time_of(std::int16_t relative) const {
    if (*cluster_ > static_cast<std::uint64_t>(kLatest.count() / init_.tick)) return cut_off("times out of range");
    return nanoseconds{(static_cast<std::int64_t>(*cluster_) + relative) * init_.tick};
  }

  nanoseconds duration_of(const Group& group, const Track& track) const {
    constexpr std::uint64_t kMost = 60'000;
    if (group.duration && *group.duration > 0 && *group.duration <= kMost)
      return nanoseconds{static_cast<std::int64_t>(*group.duration) * init_.tick};
    return track.default_duration;
  }

  // A frame lasts until the next of its track begins, where nothing else is said.
  void finish() {
    std::ranges::sort(out_.packets, {},
                      [](const auto& packet) { return std::tuple(packet.dts, packet.track, packet.data.data()); });
    std::vector<nanoseconds> next(out_.tracks.size(), nanoseconds{-1}), usual(out_.tracks.size());
    for (auto packet = out_.packets.rbegin(); packet != out_.packets.rend(); ++packet) {
      const auto follows = std::exchange(next[packet->track], packet->dts);
      if (packet->duration.count() > 0) continue;
      if (follows > packet->dts) packet->duration = usual[packet->track] = follows - packet->dts;
    }
    for (auto packet = out_.packets.rbegin(); packet != out_.packets.rend(); ++packet)
      if (packet->duration.count() == 0) packet->duration = usual[packet->track];
  }

  const WebmInit& init_;
  std::optional<std::uint64_t> cluster_;  // its timestamp, ticks
  DemuxedSegment out_;
};

}  // namespace

Result<DemuxedSegment> demux_webm(const WebmInit& init, ByteView fragment) {
  if (as_text(fragment).starts_with("\x1a\x45\xdf\xa3")) {
    const auto own = TRY(parse_webm_init(fragment));
    return ClusterReader(own).run(fragment);
  }
  return ClusterReader(init).run(fragment);
}

}  // namespace aircheck::media
