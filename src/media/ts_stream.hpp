#pragma once
// Elementary streams of a transport stream: payloads in, tracks with packets out. One object per PID and segment; each owns the
// bytes that its packets borrow. Not thread-safe.

#include <memory>
#include <vector>

#include "base/result.hpp"
#include "media/packet.hpp"
#include "media/ts_packet.hpp"

namespace aircheck::media {

/// What an elementary stream hands from a segment to the next.
struct TsStream {
  std::uint16_t pid = 0;
  std::uint8_t type = 0;  // as in the PMT
  Bytes config;           // the video's latest avcC or hvcC, for segments that bring no parameter sets
  Bytes carry;            // the begin of an audio frame that ends in the next segment
  std::optional<nanoseconds> carry_time;
  bool operator==(const TsStream&) const = default;
};

class TsAssembler {
 public:
  struct Output {
    Track track;
    Bytes storage;
    std::vector<Packet> packets;  // in order of decoding; they borrow from storage
    std::size_t damage = 0;       // bytes that made no sense
  };

  virtual ~TsAssembler() = default;
  /// A PES packet begins.
  virtual void begin(const PesTimes& times) = 0;
  virtual void append(ByteView payload) = 0;
  /// The same before any PES packet has begun: the end of what the previous segment left, or of nothing.
  virtual void append_rest(ByteView) {}
  /// The segment is over. `stream` is what the previous segment left and takes what the next one needs; `shift` (90 kHz) is
  /// added to all times. Without packets where there were none; `corrupt` where there were but nothing can be made of them.
  virtual Result<Output> finish(TsStream& stream, std::int64_t shift) = 0;
};

/// For one of the stream types that we know, else nullptr. The segment has about `bytes`; `room` is memory to be reused.
std::unique_ptr<TsAssembler> make_ts_assembler(std::uint8_t type, std::size_t bytes, Bytes room = {});

/// "HEVC video", "AAC in LATM" …: a stream type in words.
std::string ts_type_in_words(std::uint8_t type);

}  // namespace aircheck::media
