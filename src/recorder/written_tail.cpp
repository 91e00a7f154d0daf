#include "recorder/written_tail.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace aircheck::recorder {
namespace {

constexpr nanoseconds kTailKept = seconds{30};
constexpr nanoseconds kSame{100'000};  // clocks of 90 kHz and of nanoseconds
constexpr nanoseconds kDoubt = seconds{3};
constexpr int kNearer = 3;  // so many times, of a loop, than the round before or after
// In silence each is the same as each.
constexpr std::size_t kMostSeamPairs = 200'000;

std::uint64_t hash_of(const media::Packet& packet, std::span<const media::Track> tracks) {
  const auto hash = std::hash<std::string_view>{}(as_text(packet.data));
  return static_cast<std::uint64_t>(hash) ^ (tracks[packet.track].kind == media::TrackKind::video ? 1u : 0u);
}

// How many packets have the same difference of times.
struct Vote {
  nanoseconds difference{0};
  std::size_t count = 0;
};

std::vector<Vote> count(std::vector<nanoseconds> differences) {
  std::ranges::sort(differences);
  std::vector<Vote> out;
  for (std::size_t first = 0, end = 0; first < differences.size(); first = end) {
    while (end < differences.size() && differences[end] - differences[first] < kSame) ++end;
    out.push_back({.difference = differences[first + (end - first) / 2], .count = end - first});
  }
  return out;
}

// Of those that `least` packets are for, the nearest to what is expected; nothing where it is in doubt.
std::optional<nanoseconds> elect(const std::vector<Vote>& votes, std::size_t least, nanoseconds expected) {
  const Vote* best = nullptr;
  for (const auto& vote : votes) {
    const auto nearer = [&] {
      return std::chrono::abs(vote.difference - expected) < std::chrono::abs(best->difference - expected);
    };
    if (vote.count >= least && (!best || nearer())) best = &vote;
  }
  const bool in_doubt = best && std::ranges::any_of(votes, [&](const Vote& other) {
                          return &other != best && 2 * other.count > best->count &&
                                 (std::chrono::abs(other.difference - best->difference) < kDoubt ||
                                  std::chrono::abs(other.difference - expected) <
                                      kNearer * std::chrono::abs(best->difference - expected));
                        });
  return best && !in_doubt ? std::optional(best->difference) : std::nullopt;
}

}  // namespace

void WrittenTail::note(std::span<const media::Packet> packets, std::span<const media::Track> tracks) {
  for (const auto& packet : packets) packets_.push_back({.hash = hash_of(packet, tracks), .pts = packet.pts});
  if (packets_.empty()) return;
  const auto limit = packets_.back().pts - kTailKept;
  while (packets_.front().pts < limit) packets_.pop_front();
}

std::optional<nanoseconds> WrittenTail::offset_of(std::span<const media::Packet> packets,
                                                  std::span<const media::Track> tracks, nanoseconds expected) const {
  std::unordered_multimap<std::uint64_t, nanoseconds> by_hash;
  for (const auto& known : packets_) by_hash.emplace(known.hash, known.pts);
  std::vector<nanoseconds> differences;
  for (const auto& packet : packets) {
    const auto [first, last] = by_hash.equal_range(hash_of(packet, tracks));
    for (auto same = first; same != last && differences.size() < kMostSeamPairs; ++same)
      differences.push_back(same->second - packet.pts);
  }
  return elect(count(std::move(differences)), (packets.size() + 1) / 2, expected);
}

}  // namespace aircheck::recorder
