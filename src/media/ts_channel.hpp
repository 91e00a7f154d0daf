#pragma once
// One PID of a transport stream: checks its continuity, unpacks its PES packets and feeds their payload to the stream's
// assembler. Not thread-safe.

#include <memory>

#include "media/ts_stream.hpp"

namespace aircheck::media {

class TsChannel {
 public:
  /// The segment has `bytes`.
  TsChannel(const TsStream& stream, std::size_t bytes)
      : stream_(stream), assembler_(make_ts_assembler(stream, bytes)) {}

  void push(const TsPacket& packet, TsClock& clock);
  Result<TsAssembler::Output> finish();

  const TsStream& stream() const { return stream_; }  // after finish(): for the next segment
  std::size_t damage() const { return damage_; }
  std::size_t scrambled() const { return scrambled_; }

 private:
  enum class Phase { waiting, header, payload, skipping };

  bool is_duplicate(const TsPacket& packet);
  void start_pes();
  void read_header(ByteView payload, TsClock& clock);
  void open_pes(ByteView header, TsClock& clock);
  void deliver(ByteView payload);

  TsStream stream_;
  std::unique_ptr<TsAssembler> assembler_;
  Phase phase_ = Phase::waiting;
  Bytes header_;                          // of a PES packet, where it does not fit one TS packet
  std::optional<std::size_t> remaining_;  // of the PES packet, where it says its length
  int continuity_ = -1;
  ByteView last_payload_;  // borrowed from the segment
  std::size_t damage_ = 0, scrambled_ = 0;
};

}  // namespace aircheck::media
