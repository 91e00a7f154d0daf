#pragma once
// AC-3 (ATSC A/52 §5.3): frame headers. Pure.

#include <optional>

#include "media/audio_frame.hpp"

namespace aircheck::media {

/// The frame that begins here. Needs the first seven bytes only; nothing for E-AC-3.
std::optional<AudioFrame> parse_ac3(ByteView bytes);

}  // namespace aircheck::media
