#pragma once
// A transport stream segment while it comes in, in pieces of any size: its payloads go to their streams at once, while they
// are still in the fastest cache, and nothing else of it is kept. What depends on the segments before (the clock, a frame that
// straddles two) is looked at in finish(), so that segments may come in at the same time and be finished in order. Not
// thread-safe.

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "media/ts.hpp"
#include "media/ts_channel.hpp"
#include "media/ts_tables.hpp"

namespace aircheck::media {

class TsUnpacker {
 public:
  /// The segment has about `bytes`; 0: nobody knows. `room` is memory to be reused for the result.
  explicit TsUnpacker(std::size_t bytes, Bytes room = {});

  void push(ByteView bytes);
  /// So many have come in.
  std::size_t bytes() const { return bytes_; }
  /// As demux_ts(), once, when everything has come in.
  Result<DemuxedSegment> finish(TsState& state);

 private:
  void take(const std::byte* packet);
  void dispatch(const std::byte* packet);
  void hold(const std::byte* packet);
  void open_channels(const std::vector<TsEntry>& entries);
  Result<void> see_to_channels(const TsState& state);

  std::size_t expected_;
  Bytes room_;
  std::size_t bytes_ = 0;
  TsPacketizer packetizer_;
  TsTables tables_;
  Bytes held_;  // whole packets that came before the tables were complete
  bool any_ = false, open_ = false;
  std::optional<Error> error_;  // why there are no channels
  std::vector<std::string> left_out_;
  TsClock clock_{std::nullopt};
  std::vector<TsChannel> channels_;
  std::array<std::uint8_t, kTsPids> channel_of_{};  // by PID, counted from 1; 0: none
};

}  // namespace aircheck::media
