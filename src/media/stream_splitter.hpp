#pragma once
// Cuts an endless stream of bytes, as a downloader writes it to a pipe, into segments as an origin would serve them: each with
// the stream's header in front and to be demuxed alone. Holds what is not complete yet. Pure; not thread-safe.

#include <deque>
#include <memory>
#include <optional>

#include "media/stream_cutter.hpp"

namespace aircheck::media {

class StreamSplitter {
 public:
  /// Takes the next bytes. `unsupported`, with words, for a container that cannot be cut; `corrupt` for one that ends within
  /// no reasonable length. Nothing is taken any more after that.
  Result<void> push(ByteView bytes);
  /// The stream is over: what is held is its last segment.
  void finish();
  std::optional<Bytes> next();

 private:
  Result<void> cut();
  void take(const Cut& cut);

  Bytes held_;
  Bytes header_;
  std::deque<Bytes> segments_;
  std::unique_ptr<StreamCutter> cutter_;
};

}  // namespace aircheck::media
