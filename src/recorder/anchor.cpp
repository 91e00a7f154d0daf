#include "recorder/anchor.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace aircheck::recorder {
namespace {

using media::Packet;

// Two differences may be so far apart that are both of one offset, for each is rounded by half a millisecond at most.
constexpr nanoseconds kRounding{1'001'000};
// The most pairs of equal packets that are looked at: in silence each is the same as each.
constexpr std::size_t kMostPairs = 1'000'000;

// How much later in the file than in the segment, for each pair of packets that are the same.
std::vector<nanoseconds> differences(std::span<const Packet> in_file, std::span<const Packet> segment) {
  std::unordered_multimap<std::string_view, const Packet*> by_payload;
  for (const auto& packet : in_file) by_payload.emplace(as_text(packet.data), &packet);
  std::vector<nanoseconds> out;
  for (const auto& packet : segment) {
    const auto [first, last] = by_payload.equal_range(as_text(packet.data));
    for (auto same = first; same != last && out.size() < kMostPairs; ++same)
      if (same->second->track == packet.track) out.push_back(same->second->pts - packet.pts);
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace

std::optional<nanoseconds> find_offset(std::span<const Packet> in_file, std::span<const Packet> segment,
                                       nanoseconds expected) {
  const auto sorted = differences(in_file, segment);
  std::size_t most = 0;
  nanoseconds best{0};
  for (std::size_t first = 0, end = 0; first < sorted.size(); ++first) {
    while (end < sorted.size() && sorted[end] - sorted[first] < kRounding) ++end;
    const auto middle = sorted[first] + (sorted[end - 1] - sorted[first]) / 2;
    const bool nearer = std::chrono::abs(middle - expected) < std::chrono::abs(best - expected);
    if (end - first < most || (end - first == most && !nearer)) continue;
    most = end - first;
    best = middle;
  }
  if (most == 0 || 2 * most < segment.size()) return {};
  return best;
}

const Packet* packet_at(std::span<const Packet> file, const Packet& packet) {
  const Packet* out = nullptr;
  for (const auto& other : file) {
    if (other.track != packet.track || std::chrono::abs(other.pts - packet.pts) > kRounding) continue;
    if (std::ranges::equal(other.data, packet.data)) return &other;
    if (!out || std::chrono::abs(other.pts - packet.pts) < std::chrono::abs(out->pts - packet.pts)) out = &other;
  }
  return out;
}

bool is_in(std::span<const Packet> file, const Packet& packet) {
  const auto* const there = packet_at(file, packet);
  return there && std::ranges::equal(there->data, packet.data);
}

// The length of the NAL unit within which it breaks off tells how much of that is there.
bool is_cut(const Packet& in_file, const Packet& packet) {
  constexpr std::ptrdiff_t kLengthField = 4;
  const auto size = in_file.data.size();
  if (size >= packet.data.size()) return false;
  std::ptrdiff_t other = 0;
  for (std::size_t i = 0; i < size; ++i) other += in_file.data[i] != packet.data[i];
  return other <= kLengthField;
}

}  // namespace aircheck::recorder
