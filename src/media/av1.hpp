#pragma once
// AV1 (AV1 Bitstream & Decoding Process Specification, av1C of the AV1 Codec ISO Media File Format Binding): what the headers
// in a configuration record say of the picture's colours. Pure; thread-safe.

#include "base/bytes.hpp"
#include "media/colour.hpp"

namespace aircheck::media {

/// Nothing where the record has no headers, or they are cut off.
Colour av1_colour(ByteView config);

}  // namespace aircheck::media
