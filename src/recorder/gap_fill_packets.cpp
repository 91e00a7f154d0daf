// Which packets of a segment the file lacks.
#include <algorithm>
#include <utility>

#include "recorder/anchor.hpp"
#include "recorder/gap_fill.hpp"

namespace aircheck::recorder {
namespace {

constexpr milliseconds kFollowed{500};   // a hole so far from the file's end has something behind it
constexpr milliseconds kHalfAPacket{5};  // of what does not say how long it is
constexpr milliseconds kSeam{250};       // between packets that follow each other

}  // namespace

Result<void> GapFill::keep(MappedSegment mapped, nanoseconds offset) {
  const auto known = TRY(file_.between(mapped.begin + offset - kShared, mapped.end + offset + kShared));
  auto& packets = mapped.packets;
  for (auto& packet : packets) {
    packet.pts += offset;
    packet.dts += offset;
  }
  leave_what_is_known(mapped, known.packets);
  std::ranges::stable_sort(packets, {}, &media::Packet::dts);
  if (packets.empty()) return {};
  note_spooled(packets);
  return spool(scratch_, packets);
}

// The file's packets stand in the order of decoding: what it lacks of a segment that it has the begin of comes behind that. The
// last of what it has may itself be cut.
void GapFill::leave_what_is_known(MappedSegment& mapped, std::span<const media::Packet> known) {
  auto& packets = mapped.packets;
  if (options_.another_way) {
    std::erase_if(packets, [&](const auto& packet) { return is_taken(known, packet); });
    return;
  }
  std::vector<nanoseconds> behind(file_.head().tracks.size(), nanoseconds::min());
  std::erase_if(packets, [&](const auto& packet) {
    const auto* const there = packet_at(known, packet);
    if (there && is_cut(*there, packet)) {
      out_.stale.push_back({.track = there->track, .pts = there->pts, .bytes = there->data.size()});
      return false;
    }
    if (there) behind[packet.track] = std::max(behind[packet.track], there->dts);
    return packet.pts < nanoseconds{0} || there;
  });
  for (auto& packet : packets) packet.dts = std::max(packet.dts, behind[packet.track]);
}

// Of another encoder's work nothing is the same but its time.
bool GapFill::is_taken(std::span<const media::Packet> known, const media::Packet& packet) const {
  const auto half = packet.duration.count() > 0 ? packet.duration / 2 : kHalfAPacket;
  const auto begin = milliseconds{gap_.start_ms} - options_.another_way->before - half;
  const auto end = milliseconds{gap_.end_ms} + options_.another_way->after + half;
  const bool followed = milliseconds{gap_.end_ms} + kFollowed < file_.duration();
  if (packet.pts < std::max(nanoseconds{0}, begin) || (followed && packet.pts >= end)) return true;
  const auto in_file = [&](const media::Packet& other) {
    return other.track == packet.track && std::chrono::abs(other.pts - packet.pts) < half;
  };
  const auto in_spool = [&](const Span& span) {
    return span.track == packet.track && packet.pts + half > span.begin && packet.pts + half < span.end;
  };
  return std::ranges::any_of(known, in_file) || std::ranges::any_of(options_.spooled, in_spool);
}

void GapFill::note_spooled(std::span<const media::Packet> packets) {
  std::vector<Span> each;
  for (const auto& packet : packets)
    each.push_back({packet.track, packet.pts, packet.pts + std::max<nanoseconds>(packet.duration, 2 * kHalfAPacket)});
  std::ranges::sort(each, {}, [](const Span& span) { return std::pair(span.track, span.begin); });
  for (const auto& one : each) {
    const auto span = std::ranges::find_if(options_.spooled, [&](const Span& other) {
      return other.track == one.track && one.begin >= other.begin && one.begin <= other.end + kSeam;
    });
    if (span == options_.spooled.end()) options_.spooled.push_back(one);
    else span->end = std::max(span->end, one.end);
  }
}

}  // namespace aircheck::recorder
