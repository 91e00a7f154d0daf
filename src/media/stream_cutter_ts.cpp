#include <utility>

#include "media/stream_cutter.hpp"
#include "media/ts_packet.hpp"

namespace aircheck::media {
namespace {

// Where no key frames are marked, or there is no picture: any PES packet will do once there is so much.
constexpr std::size_t kEnoughSound = 64u << 10;
constexpr std::size_t kEnoughPicture = 16u << 20;

struct PesStart {
  bool any = false, video = false, key = false;
};

PesStart look(const std::byte* packet) {
  const auto parsed = parse_ts_packet(packet);
  const auto& payload = parsed.payload;
  if (!parsed.start || payload.size() < 4 || payload[0] != std::byte{0} || payload[1] != std::byte{0} ||
      payload[2] != std::byte{1})
    return {};
  const auto stream = std::to_integer<unsigned>(payload[3]);
  const bool has_flags = (packet[3] & std::byte{0x20}) != std::byte{0} && packet[4] > std::byte{0};
  PesStart out{.any = true, .video = stream >= 0xe0 && stream <= 0xef};
  out.key = out.video && has_flags && (packet[5] & std::byte{0x40}) != std::byte{0};
  return out;
}

class TsCutter final : public StreamCutter {
 public:
  Result<std::optional<Cut>> next(ByteView held) override {
    for (; at_ + kTsPacketSize <= held.size(); at_ += kTsPacketSize) {
      if (held[at_] != kTsSync && !resync(held)) break;
      const auto start = look(held.data() + at_);
      const bool ends_here = begun_ && (start.key || is_long_enough(start));
      begun_ |= start.any;  // in front of the first there are only tables
      video_ |= start.video;
      if (ends_here && at_ > 0) return cut();
    }
    return std::optional<Cut>{};
  }
  bool rest_is_media() const override { return begun_; }

 private:
  bool is_long_enough(const PesStart& start) const {
    return video_ ? start.video && at_ >= kEnoughPicture : start.any && at_ >= kEnoughSound;
  }

  std::optional<Cut> cut() {
    begun_ = false;
    return Cut{.end = std::exchange(at_, 0)};
  }

  bool resync(ByteView held) {
    while (at_ + 2 * kTsPacketSize <= held.size()) {
      if (held[at_] == kTsSync && held[at_ + kTsPacketSize] == kTsSync) return true;
      ++at_;
    }
    return false;
  }

  std::size_t at_ = 0;
  bool begun_ = false, video_ = false;
};

}  // namespace

std::unique_ptr<StreamCutter> make_ts_cutter() { return std::make_unique<TsCutter>(); }

}  // namespace aircheck::media
