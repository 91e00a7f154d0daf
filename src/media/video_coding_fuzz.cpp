// Parameter sets, and what is made of them: a record that was made can be read. The input is a NAL unit.
#include <cstdlib>

#include "media/hevc_parameters.hpp"
#include "media/video_coding.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aircheck::media;
  const auto nal = std::as_bytes(std::span(data, size));
  static_cast<void>(parse_hevc_sps(nal));
  static_cast<void>(parse_hevc_vps(nal));
  static_cast<void>(hevc_parallelism(nal));
  for (const auto type : {std::uint8_t{0x1b}, std::uint8_t{0x24}}) {
    const auto& coding = *find_video_coding(type);
    static_cast<void>(coding.format(nal));
    if (nal.empty() || nal.size() > 1000) continue;
    static_cast<void>(coding.classify(nal));
    const auto config = coding.config({nal}, {nal}, {nal});
    if (config && !coding.format(*config)) std::abort();
  }
  return 0;
}
