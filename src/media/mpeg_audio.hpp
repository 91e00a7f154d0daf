#pragma once
// MPEG audio, layer III (ISO/IEC 11172-3 §2.4.1.3, 13818-3, and the unofficial 2.5): frame headers. Pure.

#include <optional>

#include "media/audio_frame.hpp"

namespace aircheck::media {

/// The layer III frame that begins here. Needs the first four bytes only; nothing for other layers and "free" bit rates.
std::optional<AudioFrame> parse_mp3(ByteView bytes);

/// Whether this looks like layer I or II, which we do not record.
bool is_lower_layer(ByteView bytes);

}  // namespace aircheck::media
