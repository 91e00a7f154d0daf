#include "media/mkv_cluster.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "media/ebml.hpp"

namespace aircheck::media {
namespace {

using namespace ebml;

constexpr std::int64_t kLongestAudioCluster = 5'000;   // ms
constexpr std::int64_t kLongestCluster = 30'000;       // block times are 16 bit relative to the cluster's
constexpr std::size_t kClusterHeader = 4 + 8 + 2 + 8;  // id, size, Timestamp with eight bytes
constexpr std::size_t kLongestBlockHeader = 1 + 8 + 4;

std::int64_t round_ms(nanoseconds time) {
  const auto ns = time.count();
  return (ns >= 0 ? ns + 500'000 : ns - 500'000) / 1'000'000;
}

class Muxer {
 public:
  Muxer(std::span<const Packet> packets, nanoseconds offset, std::uint64_t position, std::span<const Track> tracks,
        std::span<const Bytes> key_prefix)
      : packets_(packets), offset_(offset), position_(position), tracks_(tracks), key_prefix_(key_prefix) {
    has_video_ = std::any_of(tracks.begin(), tracks.end(), [](const auto& t) { return t.kind == TrackKind::video; });
    out_.pieces.reserve(packets.size() * 2 + 8);
    // The pieces point into the headers: they must never move.
    out_.headers.reserve(packets.size() * (kLongestBlockHeader + kClusterHeader));
  }

  Result<MuxedPackets> run() {
    for (std::size_t first = 0; first < packets_.size();) {
      const auto end = cluster_end(first);
      TRY(write_cluster(first, end));
      first = end;
    }
    return std::move(out_);
  }

 private:
  bool is_video_key(const Packet& packet) const { return packet.key && tracks_[packet.track].kind == TrackKind::video; }
  // Blocks of a track with a codec delay stand that much later; players take it off again.
  std::int64_t time_of(const Packet& packet) const {
    return round_ms(packet.pts + offset_ + tracks_[packet.track].codec_delay);
  }

  std::size_t cluster_end(std::size_t first) const {
    auto least = time_of(packets_[first]), most = least;
    for (std::size_t i = first + 1; i < packets_.size(); ++i) {
      const auto time = time_of(packets_[i]);
      least = std::min(least, time);
      most = std::max(most, time);
      if (is_video_key(packets_[i]) || most - least > (has_video_ ? kLongestCluster : kLongestAudioCluster)) return i;
    }
    return packets_.size();
  }

  ByteView prefix_of(const Packet& packet) const {
    return packet.key && packet.track < key_prefix_.size() ? ByteView(key_prefix_[packet.track]) : ByteView{};
  }

  Result<void> write_cluster(std::size_t first, std::size_t end) {
    auto least = time_of(packets_[first]);
    std::uint64_t body = 2 + 8;
    for (std::size_t i = first; i < end; ++i) {
      least = std::min(least, time_of(packets_[i]));
      const auto block = 4 + prefix_of(packets_[i]).size() + packets_[i].data.size();
      body += 1 + size_length(block) + block;
    }
    if (least < -1)
      return fail(ErrorKind::internal, fmt::format("a packet lies {} ms before the file's start", -least));
    least = std::max<std::int64_t>(least, 0);
    note_cue(first, end, least);
    const auto begin = out_.headers.size();
    put_id(out_.headers, kCluster);
    put_size(out_.headers, body, 8);
    put_uint(out_.headers, kTimestamp, static_cast<std::uint64_t>(least), 8);
    add_header(begin);
    for (std::size_t i = first; i < end; ++i) write_block(packets_[i], least);
    return {};
  }

  void note_cue(std::size_t first, std::size_t end, std::int64_t least) {
    for (std::size_t i = first; i < end; ++i) {
      if (has_video_ && !is_video_key(packets_[i])) continue;
      const auto time = has_video_ ? std::max<std::int64_t>(time_of(packets_[i]), 0) : least;
      out_.cues.push_back({static_cast<std::uint64_t>(time), position_ + out_.bytes});
      return;
    }
  }

  void write_block(const Packet& packet, std::int64_t cluster_time) {
    const auto prefix = prefix_of(packet);
    const auto begin = out_.headers.size();
    ByteWriter writer(out_.headers);
    put_id(out_.headers, kSimpleBlock);
    put_size(out_.headers, 4 + prefix.size() + packet.data.size());
    writer.u8(static_cast<std::uint8_t>(0x80 | (packet.track + 1)));
    writer.u16(static_cast<std::uint16_t>(std::max<std::int64_t>(time_of(packet), 0) - cluster_time));
    writer.u8(packet.key ? 0x80 : 0);
    add_header(begin);
    if (!prefix.empty()) add(prefix);
    add(packet.data);
    out_.end = std::max(out_.end, packet.pts + offset_ + packet.duration);
  }

  void add_header(std::size_t begin) { add(ByteView(out_.headers).subspan(begin)); }
  void add(ByteView piece) {
    out_.pieces.push_back(piece);
    out_.bytes += piece.size();
  }

  std::span<const Packet> packets_;
  nanoseconds offset_;
  std::uint64_t position_;
  std::span<const Track> tracks_;
  std::span<const Bytes> key_prefix_;
  bool has_video_ = false;
  MuxedPackets out_;
};

}  // namespace

Result<MuxedPackets> mux_clusters(std::span<const Packet> packets, nanoseconds offset, std::uint64_t file_position,
                                  std::span<const Track> tracks, std::span<const Bytes> key_prefix) {
  return Muxer(packets, offset, file_position, tracks, key_prefix).run();
}

}  // namespace aircheck::media
