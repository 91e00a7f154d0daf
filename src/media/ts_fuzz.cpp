// Two segments in a row: packets lie within their storage, the state survives being written down, and a segment that comes in
// pieces yields as much as a whole one.
#include <cstdlib>

#include "media/ts_unpacker.hpp"

namespace {

using namespace aircheck;
using namespace aircheck::media;

bool lies_within(ByteView data, const Bytes& storage) {
  return data.data() >= storage.data() && data.data() + data.size() <= storage.data() + storage.size();
}

Result<DemuxedSegment> demux_in_pieces(ByteView segment, TsState& state) {
  TsUnpacker unpacker(0);
  for (std::size_t size = 1; !segment.empty(); size = size * 7 % 601) {
    const auto piece = segment.first(std::min(segment.size(), size));
    unpacker.push(piece);
    segment = segment.subspan(piece.size());
  }
  return unpacker.finish(state);
}

void check(ByteView segment, TsState& state) {
  auto again = state;
  const auto result = demux_ts(segment, state);
  const auto pieces = demux_in_pieces(segment, again);
  if (result.has_value() != pieces.has_value() || state.to_text() != again.to_text() || state.damage != again.damage)
    std::abort();
  if (!result) return;
  if (result->packets.size() != pieces->packets.size()) std::abort();
  if (result->tracks.empty() || result->packets.empty() || result->tracks.size() != result->storage.size())
    std::abort();
  for (const auto& packet : result->packets)
    if (packet.track >= result->tracks.size() || !lies_within(packet.data, result->storage[packet.track])) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  // Cut where the input says, so that frames straddle segments.
  const auto cut = size == 0 ? 0 : std::size_t{data[size - 1]} * 188 % size;
  TsState state;
  check(bytes.first(cut), state);
  auto restored = TsState::from_text(state.to_text());
  if (!restored || restored->to_text() != state.to_text()) std::abort();
  check(bytes.subspan(cut), *restored);
  static_cast<void>(TsState::from_text(as_text(bytes)));
  return 0;
}
