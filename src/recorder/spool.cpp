#include "recorder/spool.hpp"

#include <utility>

namespace aircheck::recorder {
namespace {

constexpr std::size_t kHeader = 4 + 1 + 8 + 8 + 8 + 8;

void put(Bytes& out, const media::Packet& packet) {
  ByteWriter writer(out);
  writer.u32(packet.track);
  writer.u8(packet.key);
  for (const auto time : {packet.pts, packet.dts, packet.duration})
    writer.u64(static_cast<std::uint64_t>(time.count()));
  writer.u64(packet.data.size());
}

nanoseconds get_time(ByteReader& in) { return nanoseconds{static_cast<std::int64_t>(in.u64())}; }

}  // namespace

Result<void> spool(ScratchFile& scratch, std::span<const media::Packet> packets) {
  Bytes headers;
  headers.reserve(packets.size() * kHeader);  // the pieces point into it: it must not move
  std::vector<ByteView> pieces;
  for (const auto& packet : packets) {
    const auto begin = headers.size();
    put(headers, packet);
    pieces.push_back(ByteView(headers).subspan(begin));
    pieces.push_back(packet.data);
  }
  return scratch.append(pieces);
}

Result<const SpoolReader::Item*> SpoolReader::peek() {
  if (next_) return &*next_;
  if (range_.begin >= range_.end) return nullptr;
  Bytes header(kHeader);
  TRY(scratch_->read(range_.begin, header));
  ByteReader in(header);
  Item item;
  item.packet.track = in.u32();
  item.packet.key = in.u8() != 0;
  item.packet.pts = get_time(in);
  item.packet.dts = get_time(in);
  item.packet.duration = get_time(in);
  item.data.resize(static_cast<std::size_t>(in.u64()));
  TRY(scratch_->read(range_.begin + kHeader, item.data));
  range_.begin += kHeader + item.data.size();
  item.packet.data = item.data;
  next_ = std::move(item);
  return &*next_;
}

SpoolReader::Item SpoolReader::take() {
  auto item = std::move(*next_);
  next_.reset();
  item.packet.data = item.data;
  return item;
}

}  // namespace aircheck::recorder
