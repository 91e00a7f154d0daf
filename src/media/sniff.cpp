#include "media/sniff.hpp"

#include <algorithm>
#include <array>

#include "media/ac3.hpp"
#include "media/adts.hpp"
#include "media/id3.hpp"
#include "media/mpeg_audio.hpp"
#include "media/ts_packet.hpp"

namespace aircheck::media {
namespace {

// Two packets in a row, or all that there is of one; some garbage in front is the demuxer's to report.
bool is_ts(ByteView bytes) {
  constexpr std::size_t kInARow = 3;
  for (std::size_t offset = 0; offset < std::min(bytes.size(), kTsPacketSize); ++offset) {
    std::size_t found = 0, wanted = 0;
    for (auto at = offset; at < bytes.size() && wanted < kInARow; at += kTsPacketSize, ++wanted)
      found += bytes[at] == kTsSync ? 1 : 0;
    if (found == wanted && (wanted == kInARow || offset == 0)) return true;
  }
  return false;
}

bool is_fmp4(ByteView bytes) {
  constexpr std::array<std::string_view, 12> kBoxes{"ftyp", "styp", "moov", "moof", "sidx", "emsg",
                                                    "prft", "mdat", "free", "skip", "ssix", "uuid"};
  return bytes.size() >= 8 && std::ranges::find(kBoxes, as_text(bytes.subspan(4, 4))) != kBoxes.end();
}

bool is_webm(ByteView bytes) {
  return as_text(bytes).starts_with("\x1a\x45\xdf\xa3") || as_text(bytes).starts_with("\x1f\x43\xb6\x75");
}

bool is_page(ByteView bytes) {
  auto text = as_text(bytes);
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  const auto first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '<';
}

bool is_packed_audio(ByteView bytes) {
  return parse_id3(bytes) || parse_adts(bytes) || parse_mp3(bytes) || parse_ac3(bytes);
}

}  // namespace

Container sniff(ByteView bytes) {
  if (bytes.empty()) return Container::unknown;
  if (is_fmp4(bytes)) return Container::fmp4;
  if (is_webm(bytes)) return Container::webm;
  if (is_packed_audio(bytes)) return Container::packed_audio;
  if (is_page(bytes)) return Container::html;
  return is_ts(bytes) ? Container::ts : Container::unknown;
}

}  // namespace aircheck::media
