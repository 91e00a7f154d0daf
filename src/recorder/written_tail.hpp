#pragma once
// What was written last, of a way to the stream whose segments cannot be told by their numbers: so much of it that another way's
// first segments can be found in it by their content. A hash of each packet of half a minute, 30 KB a track at most usually. Not
// thread-safe.

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "media/packet.hpp"

namespace aircheck::recorder {

class WrittenTail {
 public:
  /// Packets on the recording's clock; `tracks` as their indices mean them.
  void note(std::span<const media::Packet> packets, std::span<const media::Track> tracks);
  void clear() { packets_.clear(); }
  bool empty() const { return packets_.empty(); }

  /// What must be added to the packets' times to get the recording's: the difference by which most of them are here, at least half;
  /// of several such, as of a loop that is sent again and again, the one that is by far the nearest to `expected`. Nothing where it
  /// is in doubt, as in silence, where all packets are the same.
  std::optional<nanoseconds> offset_of(std::span<const media::Packet> packets, std::span<const media::Track> tracks,
                                       nanoseconds expected) const;

 private:
  struct Known {
    std::uint64_t hash = 0;
    nanoseconds pts{0};
  };
  std::deque<Known> packets_;
};

}  // namespace aircheck::recorder
