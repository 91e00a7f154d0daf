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

/// What the file has at the packet's time, which is the file's, within a millisecond: the same payload where it has that.
const media::Packet* packet_at(std::span<const media::Packet> file, const media::Packet& packet);

/// Whether the file has the packet: the same payload at its time.
bool is_in(std::span<const media::Packet> file, const media::Packet& packet);

/// Whether `packet` goes on where `in_file` breaks off, as the last frame of a segment does that came cut short.
bool is_cut(const media::Packet& in_file, const media::Packet& packet);

}  // namespace aircheck::recorder
