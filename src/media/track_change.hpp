#pragma once
// What becomes of a file when its source changes under way: whether the new tracks can go on in it. Pure; thread-safe.

#include <span>

#include "media/packet.hpp"

namespace aircheck::media {

/// same: nothing to do. in_band: the file goes on, with parameter_sets_prefix() in front of each key frame from now on.
/// new_file: Matroska has no way to say it within one file.
enum class TrackChange { same, in_band, new_file };

/// From the tracks that a file has to the tracks that come next. Names of sources (ids), sizes and frame rates may differ.
TrackChange compare(std::span<const Track> now, std::span<const Track> next);

/// Whether a track's parameter sets come only with its header (fMP4) or in front of key frames too (transport streams).
enum class ParameterSets { header_only, in_band };

/// What must stand in front of the payload of each key frame for a decoder that has another header: H.264's and HEVC's
/// parameter sets, length-prefixed as the payload is. Empty where there is nothing to add.
Bytes parameter_sets_prefix(const Track& track, ParameterSets where = ParameterSets::header_only);

/// Whether a key frame can be decoded whatever parameter sets came before it in the file: H.264's and HEVC's stand in it, those of
/// other codecs always do.
bool has_parameter_sets(const Track& track, ByteView key_frame);

}  // namespace aircheck::media
