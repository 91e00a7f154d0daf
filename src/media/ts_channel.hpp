#pragma once
// One PID of a transport stream: checks its continuity, unpacks its PES packets and feeds their payload to the stream's
// assembler. Not thread-safe.

#include <memory>

#include "media/ts_stream.hpp"

namespace aircheck::media {

class TsChannel {
 public:
  /// Of a stream type that we know; the rest is make_ts_assembler()'s.
  TsChannel(std::uint16_t pid, std::uint8_t type, std::size_t bytes, Bytes room)
      : pid_(pid), type_(type), assembler_(make_ts_assembler(type, bytes, std::move(room))) {}

  void push(const TsPacket& packet, TsClock& clock);
  /// As TsAssembler::finish().
  Result<TsAssembler::Output> finish(TsStream& stream, std::int64_t shift);

  std::uint16_t pid() const { return pid_; }
  std::uint8_t type() const { return type_; }
  std::size_t damage() const { return damage_; }
  std::size_t scrambled() const { return scrambled_; }

 private:
  enum class Phase { waiting, header, payload, skipping };

  bool is_duplicate(const TsPacket& packet);
  void start_pes();
  void read_header(ByteView payload, TsClock& clock);
  void open_pes(ByteView header, TsClock& clock);
  void deliver(ByteView payload);

  // Enough of a payload to tell a repetition from what comes sixteen packets later.
  struct Fingerprint {
    std::size_t size = 0;
    std::uint64_t front = 0, back = 0;
    bool operator==(const Fingerprint&) const = default;
  };
  static Fingerprint fingerprint(ByteView payload);

  std::uint16_t pid_;
  std::uint8_t type_;
  std::unique_ptr<TsAssembler> assembler_;
  Phase phase_ = Phase::waiting;
  Bytes header_;                          // of a PES packet, where it does not fit one TS packet
  std::optional<std::size_t> remaining_;  // of the PES packet, where it says its length
  int continuity_ = -1;
  Fingerprint last_payload_;
  std::size_t damage_ = 0, scrambled_ = 0;
};

}  // namespace aircheck::media
