#pragma once
// Headers of audio codecs as MP4 keeps them: the elementary stream descriptor (ISO/IEC 14496-1 §7.2.6) with AAC's
// AudioSpecificConfig (ISO/IEC 14496-3 §1.6), and Opus' dOps (RFC 7845 turned into a box). Pure; thread-safe.

#include "base/result.hpp"
#include "media/packet.hpp"

namespace aircheck::media {

/// Fills in codec, codec_private, rate, channels and frame length from an esds box. `unsupported` for what is not AAC or MP3.
Result<void> apply_esds(ByteView esds, Track& track);

/// The same from a dOps box; codec_private becomes the OpusHead of RFC 7845 §5.1.
Result<void> apply_dops(ByteView dops, Track& track);

}  // namespace aircheck::media
