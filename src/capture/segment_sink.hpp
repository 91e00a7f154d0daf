#pragma once
// Unpacks a transport stream while it is being fetched, so that its bytes are looked at once, when they come from the socket,
// and never wait in memory as they are. Anything else is left to be opened when it is complete. Not thread-safe.

#include <algorithm>
#include <memory>

#include "media/sniff.hpp"
#include "media/ts_unpacker.hpp"
#include "net/http.hpp"

namespace aircheck::capture {

class SegmentSink final : public net::BodySink {
 public:
  /// Borrows the pool, out of which the memory for what is unpacked comes.
  explicit SegmentSink(net::BufferPool& buffers) : buffers_(buffers) {}

  bool take(ByteView bytes, std::size_t announced) override {
    if (!ts_ && !begins_transport_stream(bytes)) return false;
    if (!ts_) {
      // A lying header shall not take memory that no body fills.
      const auto expected = std::min(announced, kMostExpected);
      ts_ = std::make_unique<media::TsUnpacker>(expected, buffers_.take(expected));
    }
    ts_->push(bytes);
    return true;
  }
  /// What has been taken; empty when nothing was.
  std::unique_ptr<media::TsUnpacker> release() { return std::move(ts_); }

 private:
  static constexpr std::size_t kMostExpected = 16u << 20;

  // Three packets make sure; the rare first read that is shorter is left to be looked at as a whole.
  static bool begins_transport_stream(ByteView bytes) {
    return bytes.size() >= 3 * media::kTsPacketSize && media::sniff(bytes) == media::Container::ts;
  }

  net::BufferPool& buffers_;
  std::unique_ptr<media::TsUnpacker> ts_;
};

}  // namespace aircheck::capture
