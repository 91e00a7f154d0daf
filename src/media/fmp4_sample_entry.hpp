#pragma once
// Sample entries of MP4 (ISO/IEC 14496-12 §8.5.2 and each codec's own): which codec a track has, and its header as Matroska
// wants it. Pure; thread-safe.

#include "base/result.hpp"
#include "media/packet.hpp"

namespace aircheck::media {

/// Whether the first entry of an stsd box is one of an encrypted track.
bool is_encrypted(ByteView stsd);

/// Of the first entry in an stsd box. `unsupported` for another codec, `corrupt` for a broken one.
Result<Track> parse_sample_description(ByteView stsd);

}  // namespace aircheck::media
