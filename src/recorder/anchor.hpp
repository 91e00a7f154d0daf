#pragma once
// Where a fetched segment lies in a recording: found by its content, which also proves that both are of the same stream. Pure.

#include <optional>
#include <span>
#include <vector>

#include "media/packet.hpp"

namespace aircheck::recorder {

/// What must be added to the segment's times to get the file's: the difference by which most of the segment's packets are in
/// the file, with the same payload, and of several such ones (silence is the same everywhere) the nearest to `expected`.
/// Nothing when that is less than half of them. Tracks mean the same in both; the file's times are whole milliseconds.
std::optional<nanoseconds> find_offset(std::span<const media::Packet> in_file, std::span<const media::Packet> segment,
                                       nanoseconds expected);

/// Whether the file has the packet, whose time is the file's: the same payload, within a millisecond.
bool is_in(std::span<const media::Packet> file, const media::Packet& packet);

}  // namespace aircheck::recorder
