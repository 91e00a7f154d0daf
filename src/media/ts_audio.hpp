#pragma once
// Self-framing audio (ADTS, MPEG audio, AC-3) out of PES packets: cut into frames with exact times. Not thread-safe.

#include "media/audio_frame.hpp"
#include "media/ts_stream.hpp"

namespace aircheck::media {

/// How one audio codec frames itself.
struct AudioFraming {
  Codec codec = Codec::aac;
  std::optional<AudioFrame> (*parse)(ByteView bytes) = nullptr;  // the frame that begins here
  Bytes (*config)(ByteView header) = nullptr;                    // codec_private, where the codec has one
};

/// nullptr for a stream type that is none of these.
const AudioFraming* find_audio_framing(std::uint8_t stream_type);

class TsAudio final : public TsAssembler {
 public:
  TsAudio(const AudioFraming& framing, std::size_t bytes);
  void begin(const PesTimes& times) override;
  void append(ByteView payload) override { bytes_.insert(bytes_.end(), payload.begin(), payload.end()); }
  void append_rest(ByteView payload) override { rest_.insert(rest_.end(), payload.begin(), payload.end()); }
  Result<Output> finish(TsStream& stream, std::int64_t shift) override;

 private:
  struct Mark {
    std::size_t offset = 0;
    std::int64_t ticks = 0;  // 90 kHz
  };

  std::optional<AudioFrame> frame_at(std::size_t offset) const;
  bool is_confirmed(std::size_t offset) const;
  bool is_plausible(std::size_t offset, const AudioFrame& frame) const;
  void pass_marks(std::size_t offset);
  std::size_t find_sync(std::size_t offset) const;
  void emit(std::size_t offset, const AudioFrame& frame, Output& out);
  nanoseconds time_of(const Mark& mark) const { return from_90khz(mark.ticks + shift_); }
  void put_carry_in_front(const TsStream& stream);
  void drop_stale_carry();
  std::size_t cut(Output& out);
  void leave_rest(std::size_t offset, TsStream& stream) const;
  Track describe(ByteView first_data) const;

  const AudioFraming& framing_;
  Bytes bytes_;
  Bytes rest_;               // what came before the first PES packet
  std::size_t carried_ = 0;  // bytes in front that came with the previous segment
  std::int64_t shift_ = 0;
  std::vector<Mark> marks_;
  std::size_t next_mark_ = 0;
  std::optional<nanoseconds> base_;  // of the frames since the last mark
  std::uint64_t samples_ = 0;        // since base_
  std::optional<AudioFrame> first_;  // the frame that all others must be like
};

}  // namespace aircheck::media
