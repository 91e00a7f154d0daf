#pragma once
// H.264 and HEVC out of PES packets. Start codes are replaced by lengths in place while the payload comes in, so that every
// byte is copied once; access units are cut by what the NAL units say, as decoders do, not by PES packets. Not thread-safe.

#include "base/bytes.hpp"
#include "media/ts_stream.hpp"
#include "media/video_coding.hpp"

namespace aircheck::media {

class TsVideo final : public TsAssembler {
 public:
  TsVideo(const VideoCoding& coding, std::size_t bytes, Bytes room);
  void begin(const PesTimes& times) override;
  void append(ByteView payload) override {
    bytes_.insert(bytes_.end(), payload.begin(), payload.end());
    if (bytes_.size() >= scan_at_) scan();
  }
  Result<Output> finish(TsStream& stream, std::int64_t shift) override;

 private:
  struct Unit {
    std::size_t begin = 0, end = 0;
    PesTimes times;
    bool key = false;
  };
  struct Sets {
    std::vector<Bytes> video, sequence, picture;
  };

  void scan();
  void open_nal(std::size_t one);
  std::size_t close_nal(std::size_t end);
  void take(ByteView nal);
  void open_unit();
  void close_unit();
  void keep_set(NalRole::Set kind, ByteView nal);
  void fill_times();
  nanoseconds frame_duration(nanoseconds announced) const;

  const VideoCoding& coding_;
  Bytes bytes_;

  // Start codes are searched for in pieces that are still in the fastest cache.
  static constexpr std::size_t kScan = 8 * 1024;

  // The NAL unit being received: its length field's position, and the PES packet in which it began.
  static constexpr std::size_t kNone = SIZE_MAX;
  std::size_t nal_ = kNone;
  std::size_t search_ = 0;  // no start code begins before
  std::size_t scan_at_ = kScan;
  PesTimes nal_times_;
  std::uint32_t nal_pes_ = 0;

  PesTimes times_;
  std::uint32_t pes_ = 0;       // PES packets so far
  std::uint32_t used_pes_ = 0;  // the last one whose times an access unit has taken

  Unit unit_;
  bool unit_open_ = false, slice_seen_ = false;
  std::uint32_t last_position_ = 0;
  std::vector<Unit> units_;

  Sets sets_;  // of the present access unit, until there is a config
  Bytes config_;
};

}  // namespace aircheck::media
