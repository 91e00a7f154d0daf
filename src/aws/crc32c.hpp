#pragma once
// CRC-32C (Castagnoli), the checksum that S3 compares each part with. By the processor's own instruction where it has one.
// Pure.

#include <cstdint>
#include <string>

#include "base/bytes.hpp"

namespace aircheck::aws {

std::uint32_t crc32c(ByteView bytes);
/// As S3's headers want it: four bytes, big-endian, in base 64.
std::string crc32c_base64(ByteView bytes);

}  // namespace aircheck::aws
