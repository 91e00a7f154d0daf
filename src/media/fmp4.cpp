// Fragments: moof and mdat into packets. The init section: fmp4_init.cpp.
#include "media/fmp4.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>

#include "media/fmp4_box.hpp"
#include "media/fmp4_time.hpp"

namespace aircheck::media {
namespace {

constexpr std::uint32_t kNotSync = 0x10000, kDependsOnOthers = 0x1000000;

std::unexpected<Error> cut_off(std::string_view what) {
  return fail(ErrorKind::corrupt, fmt::format("the fragment is cut off or broken: {}", what));
}

// Whether it is media that is missing, and not some garbage that follows it.
bool matters(std::uint32_t type) {
  constexpr std::array kTypes{box_type("moof"), box_type("mdat"), box_type("styp"), box_type("sidx"),
                              box_type("emsg"), box_type("prft"), box_type("moov"), box_type("ftyp")};
  return std::ranges::find(kTypes, type) != kTypes.end();
}

// One track's part of a fragment, as tfhd begins it.
struct Run {
  std::uint32_t track = 0;  // index
  const Fmp4Track* source = nullptr;
  SampleDefaults defaults;
  std::uint64_t decode_time = 0;  // of the next sample, ticks
  bool has_time = false;
  std::uint64_t base = 0;      // where data offsets count from, in the fragment
  std::uint64_t position = 0;  // of the next sample's bytes
};

// Which fields a trun has, and in which order.
struct RunHeader {
  bool duration, size, flags, composition;
  std::uint32_t count;
  std::optional<std::uint32_t> first_flags;
};

class FragmentReader {
 public:
  FragmentReader(const Fmp4Init& init, ByteView fragment)
      : init_(init), fragment_(fragment), next_times_(init.tracks.size()) {}

  Result<DemuxedSegment> run() {
    for (const auto& track : init_.tracks) out_.tracks.push_back(track.track);
    BoxReader boxes(fragment_);
    while (const auto box = boxes.next())
      if (box->type == box_type("moof")) TRY(read_moof(*box));
    if (boxes.cut() && (out_.packets.empty() || matters(boxes.cut_type())))
      return cut_off("its last box is not all there");
    if (out_.packets.empty()) return cut_off("it has no samples");
    sort();
    return std::move(out_);
  }

 private:
  Result<void> read_moof(const Box& moof) {
    // Without any flags, data offsets count from the moof, and of further tracks from where the one before ended.
    std::uint64_t previous_end = moof.offset;
    BoxReader boxes(moof.body);
    while (const auto box = boxes.next())
      if (box->type == box_type("traf")) TRY(read_traf(box->body, moof.offset, previous_end));
    if (boxes.cut()) return cut_off("a moof box");
    return {};
  }

  Result<void> read_traf(ByteView traf, std::uint64_t moof, std::uint64_t& previous_end) {
    const auto header = find_box(traf, box_type("tfhd"));
    if (!header) return cut_off("a track without its header");
    auto run = TRY(read_tfhd(*header, moof, previous_end));
    if (!run.source) return {};
    if (const auto time = find_box(traf, box_type("tfdt"))) read_tfdt(*time, run);
    if (!run.has_time) return cut_off("a track without its decode time");
    BoxReader boxes(traf);
    while (const auto box = boxes.next())
      if (box->type == box_type("trun")) TRY(read_trun(box->body, run));
    if (boxes.cut()) return cut_off("a traf box");
    next_times_[run.track] = run.decode_time;
    previous_end = run.position;
    return {};
  }

  // A run without a source is of a track that is left out.
  Result<Run> read_tfhd(ByteView body, std::uint64_t moof, std::uint64_t previous_end) const {
    ByteReader in(body);
    const auto flags = FullBox::read(in).flags;
    const auto id = in.u32();
    Run run;
    run.base = (flags & 0x20000) ? moof : previous_end;
    if (flags & 0x1) run.base = base_of(in.u64(), moof);
    const auto description = (flags & 0x2) ? in.u32() : 1u;
    const auto track = std::ranges::find(init_.tracks, id, [](const auto& one) { return one.track.id; });
    if (track == init_.tracks.end()) return run;
    run.source = &*track;
    run.track = static_cast<std::uint32_t>(track - init_.tracks.begin());
    run.defaults = track->defaults;
    if (flags & 0x8) run.defaults.duration = in.u32();
    if (flags & 0x10) run.defaults.size = in.u32();
    if (flags & 0x20) run.defaults.flags = in.u32();
    if (!in.ok()) return cut_off("a tfhd box");
    if (description > 1) return fail(ErrorKind::unsupported, "a fragment coded by a second description of its track");
    run.position = run.base;
    run.has_time = next_times_[run.track].has_value();
    run.decode_time = next_times_[run.track].value_or(0);
    return run;
  }

  // Offsets into the whole stream mean nothing in a segment that stands alone; then it is the moof that they point to.
  std::uint64_t base_of(std::uint64_t offset, std::uint64_t moof) const {
    return offset >= moof && offset < fragment_.size() ? offset : moof;
  }

  static void read_tfdt(ByteView body, Run& run) {
    ByteReader in(body);
    run.decode_time = FullBox::read(in).wide(in);
    run.has_time = in.ok();
  }

  Result<void> read_trun(ByteView body, Run& run) {
    ByteReader in(body);
    const auto flags = FullBox::read(in).flags;
    RunHeader header{
        (flags & 0x100) != 0, (flags & 0x200) != 0, (flags & 0x400) != 0, (flags & 0x800) != 0, in.u32(), {}};
    if (flags & 0x1)
      run.position = run.base + static_cast<std::uint64_t>(std::int64_t{static_cast<std::int32_t>(in.u32())});
    if (flags & 0x4) header.first_flags = in.u32();
    const std::size_t width = 4u * (header.duration + header.size + header.flags + header.composition);
    // Sizes of zero for all would make any count possible.
    const auto most = width > 0               ? in.remaining() / width
                      : run.defaults.size > 0 ? fragment_.size() / run.defaults.size
                                              : 0;
    if (!in.ok() || header.count > most) return cut_off("a trun box");
    out_.packets.reserve(out_.packets.size() + header.count);
    return read_samples(in, header, run);
  }

  Result<void> read_samples(ByteReader& in, const RunHeader& header, Run& run) {
    const auto scale = run.source->timescale;
    const auto latest = most_ticks(scale), longest = std::uint64_t{scale} * 86'400;
    const bool video = run.source->track.kind == TrackKind::video;
    for (std::uint32_t i = 0; i < header.count; ++i) {
      const auto duration = header.duration ? in.u32() : run.defaults.duration;
      const auto size = header.size ? in.u32() : run.defaults.size;
      auto flags = header.flags ? in.u32() : run.defaults.flags;
      if (i == 0 && header.first_flags) flags = *header.first_flags;
      // Signed in version 0 too: there are writers that say so wrongly, and none that need the upper half.
      const auto composition = header.composition ? static_cast<std::int32_t>(in.u32()) : 0;
      const auto shown_after = static_cast<std::uint64_t>(std::abs(std::int64_t{composition}));
      if (run.decode_time > latest || duration > longest || shown_after > longest) return cut_off("times out of range");
      const auto data = TRY(take(run.position, size));
      if (!data.empty()) {
        const auto decode = static_cast<std::int64_t>(run.decode_time);
        out_.packets.push_back({.track = run.track,
                                .key = !video || (flags & (kNotSync | kDependsOnOthers)) == 0,
                                .pts = to_time(decode + composition, scale) + run.source->shift,
                                .dts = to_time(decode, scale) + run.source->shift,
                                .duration = to_time(duration, scale),
                                .data = data});
      }
      run.position += size;
      run.decode_time += duration;
    }
    return {};
  }

  // No sample may lie outside, nor all together be more than there is: a few bytes must not become gigabytes.
  Result<ByteView> take(std::uint64_t position, std::uint32_t size) {
    taken_ += size;
    if (position > fragment_.size() || size > fragment_.size() - position || taken_ > fragment_.size())
      return cut_off("a sample lies outside");
    return fragment_.subspan(static_cast<std::size_t>(position), size);
  }

  // Of equal times and tracks, the one that comes first in the fragment.
  void sort() {
    const auto place = [](const Packet& packet) { return std::tuple(packet.dts, packet.track, packet.data.data()); };
    std::ranges::sort(out_.packets, {}, place);
  }

  const Fmp4Init& init_;
  ByteView fragment_;
  std::vector<std::optional<std::uint64_t>> next_times_;  // by track, where a moof says none
  std::uint64_t taken_ = 0;
  DemuxedSegment out_;
};

}  // namespace

Result<DemuxedSegment> demux_fmp4(const Fmp4Init& init, ByteView fragment) {
  if (find_box(fragment, box_type("moov"))) {
    const auto own = TRY(parse_fmp4_init(fragment));
    return FragmentReader(own, fragment).run();
  }
  return FragmentReader(init, fragment).run();
}

}  // namespace aircheck::media
