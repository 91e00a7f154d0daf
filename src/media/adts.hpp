#pragma once
// AAC in ADTS (ISO/IEC 13818-7 §6.2): frame headers, and the AudioSpecificConfig that replaces them elsewhere. Pure.

#include <optional>

#include "media/audio_frame.hpp"

namespace aircheck::media {

/// The frame that begins here. Needs the first seven bytes only; nothing where they are no ADTS header.
std::optional<AudioFrame> parse_adts(ByteView bytes);

/// The two bytes of AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1) that say the same as the header. With channel layouts
/// that the header leaves to the stream (channels 0) players guess from the first frame.
Bytes adts_config(ByteView header);

}  // namespace aircheck::media
