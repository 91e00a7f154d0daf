#pragma once
// Where an endless stream of bytes can be cut, so that each part can be demuxed alone: one cutter for each container. Pure;
// not thread-safe.

#include <memory>
#include <optional>

#include "base/result.hpp"
#include "media/sniff.hpp"

namespace aircheck::media {

struct Cut {
  enum class Part {
    header,  // what is in the stream: goes in front of all that follows, instead of the header before
    more,    // the same, added to it
    media,
  };
  std::size_t end = 0;  // of the part that begins where the last one ended
  Part part = Part::media;
};

class StreamCutter {
 public:
  virtual ~StreamCutter() = default;
  /// The next cut in `held`, which begins where the last one was and has grown since the last call without one. Nothing when
  /// more is needed; `unsupported` or `corrupt`, with words, when no more will help.
  virtual Result<std::optional<Cut>> next(ByteView held) = 0;
  /// Whether what is held when the stream is over can be demuxed.
  virtual bool rest_is_media() const = 0;
};

/// Transport streams are cut before key frames, fragmented MP4 after each fragment, WebM before each cluster. `unsupported`
/// for any other container.
Result<std::unique_ptr<StreamCutter>> make_stream_cutter(Container container);

std::unique_ptr<StreamCutter> make_ts_cutter();
std::unique_ptr<StreamCutter> make_fmp4_cutter();
std::unique_ptr<StreamCutter> make_webm_cutter();

}  // namespace aircheck::media
