#include "media/video_coding.hpp"

#include "media/avc.hpp"
#include "media/hevc.hpp"

namespace aircheck::media {
namespace {

NalRole avc_slice(ByteView nal, bool random_access) {
  return {.slice = true, .random_access = random_access, .position = avc_first_macroblock(nal)};
}

NalRole classify_avc(ByteView nal) {
  switch (avc_nal_type(nal)) {
    case AvcNal::slice:
    case AvcNal::partition_a: return avc_slice(nal, false);
    case AvcNal::idr_slice: return avc_slice(nal, true);
    case AvcNal::sei: return {.delimits = true, .recovery_point = avc_has_recovery_point(nal)};
    case AvcNal::sequence_parameters: return {.delimits = true, .set = NalRole::Set::sequence};
    case AvcNal::picture_parameters: return {.delimits = true, .set = NalRole::Set::picture};
    case AvcNal::delimiter: return {.delimits = true};
    default: return {};
  }
}

Result<Bytes> avc_config(const std::vector<ByteView>&, const std::vector<ByteView>& sequence,
                         const std::vector<ByteView>& picture) {
  return make_avcc(sequence, picture);
}

NalRole::Set hevc_set(HevcNal type) {
  switch (type) {
    case HevcNal::video_parameters: return NalRole::Set::video;
    case HevcNal::sequence_parameters: return NalRole::Set::sequence;
    case HevcNal::picture_parameters: return NalRole::Set::picture;
    default: return NalRole::Set::none;
  }
}

// H.265 §7.4.2.4.4: what may only stand before a picture's first slice.
bool hevc_delimits(HevcNal type) {
  const auto number = static_cast<unsigned>(type);
  return (type >= HevcNal::video_parameters && type <= HevcNal::end_of_bitstream) || type == HevcNal::prefix_sei ||
         (number >= 41 && number <= 44) || (number >= 48 && number <= 55);
}

NalRole classify_hevc(ByteView nal) {
  if (nal.size() < 3) return {};
  const auto layer = (std::to_integer<unsigned>(nal[0]) & 1) << 5 | std::to_integer<unsigned>(nal[1]) >> 3;
  if (layer > 0) return {};  // enhancement layers belong to the base layer's picture
  const auto type = hevc_nal_type(nal);
  const bool random_access = type >= HevcNal::first_random_access && type <= HevcNal::last_random_access;
  if (type > HevcNal::last_leading_picture && !random_access)
    return {.delimits = hevc_delimits(type), .set = hevc_set(type)};
  const bool first = (nal[2] & std::byte{0x80}) != std::byte{0};
  return {.slice = true, .random_access = random_access, .position = first ? 0u : NalRole::kLater};
}

constexpr VideoCoding kAvc{Codec::h264, classify_avc, avc_config, parse_avcc};
constexpr VideoCoding kHevc{Codec::hevc, classify_hevc, make_hvcc, parse_hvcc};

}  // namespace

const VideoCoding* find_video_coding(std::uint8_t stream_type) {
  switch (stream_type) {
    case 0x1b: return &kAvc;
    case 0x24: return &kHevc;
    default: return nullptr;
  }
}

}  // namespace aircheck::media
