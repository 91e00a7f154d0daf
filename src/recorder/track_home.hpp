#pragma once
// Which track of a file a stream's track goes into. Pure.

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include "media/packet.hpp"

namespace aircheck::recorder {

/// The file's track that track `index` of the stream goes into: the first video into the first video, the second audio into
/// the second audio …
inline std::optional<std::size_t> home_of(std::size_t index, const std::vector<media::Track>& stream,
                                          const std::vector<media::Track>& file) {
  const auto kind = stream[index].kind;
  auto rank = std::count_if(stream.begin(), stream.begin() + static_cast<std::ptrdiff_t>(index),
                            [kind](const auto& track) { return track.kind == kind; });
  for (std::size_t i = 0; i < file.size(); ++i)
    if (file[i].kind == kind && rank-- == 0) return i;
  return {};
}

}  // namespace aircheck::recorder
