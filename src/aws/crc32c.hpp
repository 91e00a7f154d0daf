#pragma once
// CRC-32C (Castagnoli), the checksum that S3 compares each part with. By the processor's own instruction where it has one.
// Pure.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace aircheck::aws {

/// Goes on from the checksum of what is `before`.
std::uint32_t crc32c(ByteView bytes, std::uint32_t before = 0);
/// Of all pieces as one, as S3's headers want it: four bytes, big-endian, in base 64.
std::string crc32c_base64(std::span<const std::string_view> pieces);

}  // namespace aircheck::aws
