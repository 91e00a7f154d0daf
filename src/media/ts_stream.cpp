#include "media/ts_stream.hpp"

#include <fmt/core.h>

#include "media/ts_audio.hpp"
#include "media/ts_video.hpp"

namespace aircheck::media {

std::unique_ptr<TsAssembler> make_ts_assembler(std::uint8_t type, std::size_t bytes, Bytes room) {
  if (const auto* const video = find_video_coding(type))
    return std::make_unique<TsVideo>(*video, bytes, std::move(room));
  if (const auto* const audio = find_audio_framing(type)) return std::make_unique<TsAudio>(*audio, bytes);
  return nullptr;
}

// ISO/IEC 13818-1 table 2-34, and what ATSC and Apple have added.
std::string ts_type_in_words(std::uint8_t type) {
  switch (type) {
    case 0x01: return "MPEG-1 video";
    case 0x02: return "MPEG-2 video";
    case 0x10: return "MPEG-4 part 2 video";
    case 0x11: return "AAC in LATM";
    case 0x1c: return "raw AAC";
    case 0x21: return "JPEG 2000 video";
    case 0x33: return "VVC video";
    case 0x87: return "E-AC-3";
    case 0xc1: return "encrypted AC-3 (SAMPLE-AES)";
    case 0xcf: return "encrypted AAC (SAMPLE-AES)";
    case 0xdb: return "encrypted H.264 (SAMPLE-AES)";
    default: return fmt::format("stream type 0x{:02x}", type);
  }
}

}  // namespace aircheck::media
